"""A second road to the golden results of the float operators, written from the ONNX texts alone.

It shares no line with qref and imports nothing of it: plain lists, exact rationals, one nested loop an output element.
One file an operator; `requests.py` reads a case from the JSON files, `judgement.py` compares. Where a text can be read
in more than one way, the reading taken stands in the operator's file as a comment that starts with "Reading:".
"""
