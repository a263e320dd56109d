"""NNSaveLoader: models and compressed weights in and out. [seed: NNSaveLoader]"""
