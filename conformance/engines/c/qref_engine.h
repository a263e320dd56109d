/* SPDX-License-Identifier: CC0-1.0
 *
 * The qref engine protocol, version 1, for engines written in C99 or C++.
 *
 * Include this header in one source file, write one function an operator, list the functions in a table, and call
 * qref_serve from main: operators.c beside this file does just that. The header reads requests (one JSON object a
 * line on stdin), hands tensors over as bytes with a shape, and writes answers (one a line on stdout). It needs
 * nothing beyond the C library, and holds no floating-point arithmetic: floats are handed over as their bits.
 *
 * A request is text from a stranger. Every size is checked before it is multiplied or allocated, and whatever
 * arrives gets an answer: a line that is no JSON, {"id": null, "error": "why"}.
 *
 * Sections: dtypes · JSON · base64 · tensors · requests and answers · attributes · the loop.
 */
#ifndef QREF_ENGINE_H
#define QREF_ENGINE_H

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QREF_MAX_RANK 16
#define QREF_MAX_INPUTS 64
#define QREF_MAX_OUTPUTS 8
#define QREF_MAX_DEPTH 200                /* of nested JSON: the checker is recursive, and the stack is not endless */
#define QREF_MAX_DIMENSION INT32_MAX      /* so that sums and products of two dimensions fit int64 */
#ifndef QREF_MAX_BYTES
#define QREF_MAX_BYTES ((size_t)1 << 28)  /* of one tensor: a small request can ask for a huge output */
#endif

/* ------------------------------------------------------------------------------------------------- dtypes */

typedef enum {
    QREF_BOOL, QREF_INT2, QREF_UINT2, QREF_INT4, QREF_UINT4, QREF_INT8, QREF_UINT8, QREF_INT16, QREF_UINT16,
    QREF_INT32, QREF_UINT32, QREF_INT64, QREF_UINT64,
    QREF_FLOAT4E2M1, QREF_FLOAT8E4M3FN, QREF_FLOAT8E4M3FNUZ, QREF_FLOAT8E5M2, QREF_FLOAT8E5M2FNUZ, QREF_FLOAT8E8M0,
    QREF_FLOAT16, QREF_BFLOAT16, QREF_FLOAT32, QREF_FLOAT64,
    QREF_DTYPES
} qref_dtype;

typedef struct {
    const char *name;
    int bytes;      /* of one element in a message; two elements of four bits never share a byte */
    int bits;       /* that carry the value, from the low end */
    char family;    /* 'i' signed integer, 'u' unsigned integer, 'f' float, 'b' bool */
} qref_dtype_info;

static inline const qref_dtype_info *qref_info(qref_dtype dtype)
{
    static const qref_dtype_info table[QREF_DTYPES] = {
        {"bool", 1, 8, 'b'}, {"int2", 1, 2, 'i'}, {"uint2", 1, 2, 'u'}, {"int4", 1, 4, 'i'}, {"uint4", 1, 4, 'u'},
        {"int8", 1, 8, 'i'}, {"uint8", 1, 8, 'u'}, {"int16", 2, 16, 'i'}, {"uint16", 2, 16, 'u'},
        {"int32", 4, 32, 'i'}, {"uint32", 4, 32, 'u'}, {"int64", 8, 64, 'i'}, {"uint64", 8, 64, 'u'},
        {"float4e2m1", 1, 4, 'f'}, {"float8e4m3fn", 1, 8, 'f'}, {"float8e4m3fnuz", 1, 8, 'f'},
        {"float8e5m2", 1, 8, 'f'}, {"float8e5m2fnuz", 1, 8, 'f'}, {"float8e8m0", 1, 8, 'f'},
        {"float16", 2, 16, 'f'}, {"bfloat16", 2, 16, 'f'}, {"float32", 4, 32, 'f'}, {"float64", 8, 64, 'f'},
    };
    return &table[dtype];
}

/* --------------------------------------------------------------------------------------------------- JSON
 *
 * The line is checked once from end to end; after that a value is simply a span of it, and looking a member up means
 * skipping over the others. So nothing is allocated, members may come in any order, and unknown ones cost nothing.
 */

typedef struct {
    const char *at, *end;      /* empty (at == end) means: there is no such value */
} qref_json;

typedef struct {
    const char *at, *end;
    qref_json id;              /* the top object's "id" as far as seen: a broken line is answered by its id too */
    const char *problem;
} qref_checker;

static inline int qref_is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
static inline int qref_is_digit(char c) { return c >= '0' && c <= '9'; }

static inline const char *qref_skip_space(const char *at, const char *end)
{
    while (at < end && qref_is_space(*at)) at++;
    return at;
}

static inline int qref_hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static inline int qref_broken(qref_checker *p, const char *problem)
{
    if (!p->problem) p->problem = problem;
    return 0;
}

static inline int qref_check_string(qref_checker *p)
{
    for (p->at++; p->at < p->end; p->at++) {
        unsigned char c = (unsigned char)*p->at;
        if (c == '"') {
            p->at++;
            return 1;
        }
        if (c < 0x20) return qref_broken(p, "control character in a string");
        if (c != '\\') continue;
        if (++p->at == p->end) break;
        if (*p->at == 'u') {
            int i;
            for (i = 0; i < 4; i++)
                if (++p->at == p->end || qref_hex_digit(*p->at) < 0) return qref_broken(p, "bad \\u escape");
        } else if (*p->at == '\0' || !strchr("\"\\/bfnrt", *p->at)) {
            return qref_broken(p, "unknown escape in a string");
        }
    }
    return qref_broken(p, "string without an end");
}

static inline int qref_check_digits(qref_checker *p)
{
    const char *start = p->at;
    while (p->at < p->end && qref_is_digit(*p->at)) p->at++;
    return p->at > start || qref_broken(p, "bad number");
}

static inline int qref_check_number(qref_checker *p)
{
    if (*p->at == '-') p->at++;
    if (p->at < p->end && *p->at == '0') p->at++;
    else if (!qref_check_digits(p)) return 0;
    if (p->at < p->end && *p->at == '.') {
        p->at++;
        if (!qref_check_digits(p)) return 0;
    }
    if (p->at < p->end && (*p->at == 'e' || *p->at == 'E')) {
        p->at++;
        if (p->at < p->end && (*p->at == '+' || *p->at == '-')) p->at++;
        if (!qref_check_digits(p)) return 0;
    }
    return 1;
}

static inline int qref_check_word(qref_checker *p, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(p->end - p->at) < length || memcmp(p->at, word, length) != 0) return qref_broken(p, "unknown word");
    p->at += length;
    return 1;
}

static inline qref_json qref_span(const char *at, const char *end)
{
    qref_json value;
    value.at = at;
    value.end = end;
    return value;
}

/* The next character of a string's content, escapes resolved, or -1 at its end. Surrogates come one by one: nothing
 * in the protocol is outside ASCII, so a caller only ever compares. */
static inline long qref_next_character(const char **at)
{
    const char *c = *at;
    long value = 0;
    int i;
    if (*c == '"') return -1;
    *at = c + 1;
    if (*c != '\\') return (unsigned char)*c;
    *at = c + 2;
    switch (c[1]) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'u':
        for (i = 2; i < 6; i++) value = value * 16 + qref_hex_digit(c[i]);
        *at = c + 6;
        return value;
    default: return (unsigned char)c[1];
    }
}

/* Whether a value is the string `text`. */
static inline int qref_json_is(qref_json value, const char *text)
{
    const char *at = value.at + 1;
    if (value.at == value.end || *value.at != '"') return 0;
    for (; *text; text++)
        if (qref_next_character(&at) != (unsigned char)*text) return 0;
    return *at == '"';
}

static inline int qref_check_value(qref_checker *p, int depth);

static inline int qref_check_object(qref_checker *p, int depth)
{
    p->at = qref_skip_space(p->at + 1, p->end);
    if (p->at < p->end && *p->at == '}') return p->at++, 1;
    for (;;) {
        qref_json key, value;
        p->at = key.at = qref_skip_space(p->at, p->end);
        if (p->at == p->end || *p->at != '"') return qref_broken(p, "a member's name is missing");
        if (!qref_check_string(p)) return 0;
        key.end = p->at;
        p->at = qref_skip_space(p->at, p->end);
        if (p->at == p->end || *p->at != ':') return qref_broken(p, "':' is missing");
        p->at = value.at = qref_skip_space(p->at + 1, p->end);
        if (!qref_check_value(p, depth)) return 0;
        value.end = p->at;
        if (depth == 1 && qref_json_is(key, "id") && (*value.at == '-' || qref_is_digit(*value.at))) p->id = value;
        p->at = qref_skip_space(p->at, p->end);
        if (p->at < p->end && *p->at == '}') return p->at++, 1;
        if (p->at == p->end || *p->at != ',') return qref_broken(p, "',' or '}' is missing");
        p->at++;
    }
}

static inline int qref_check_array(qref_checker *p, int depth)
{
    p->at = qref_skip_space(p->at + 1, p->end);
    if (p->at < p->end && *p->at == ']') return p->at++, 1;
    for (;;) {
        if (!qref_check_value(p, depth)) return 0;
        p->at = qref_skip_space(p->at, p->end);
        if (p->at < p->end && *p->at == ']') return p->at++, 1;
        if (p->at == p->end || *p->at != ',') return qref_broken(p, "',' or ']' is missing");
        p->at++;
    }
}

static inline int qref_check_value(qref_checker *p, int depth)
{
    p->at = qref_skip_space(p->at, p->end);
    if (p->at == p->end) return qref_broken(p, "the line ends too early");
    if (depth >= QREF_MAX_DEPTH) return qref_broken(p, "nested too deeply");
    switch (*p->at) {
    case '{': return qref_check_object(p, depth + 1);
    case '[': return qref_check_array(p, depth + 1);
    case '"': return qref_check_string(p);
    case 't': return qref_check_word(p, "true");
    case 'f': return qref_check_word(p, "false");
    case 'n': return qref_check_word(p, "null");
    default:
        if (*p->at == '-' || qref_is_digit(*p->at)) return qref_check_number(p);
        return qref_broken(p, "no JSON value");
    }
}

/* Whether the whole line is one JSON object. From here on spans are known to be well-formed. */
static inline int qref_check_line(qref_checker *p, const char *line, size_t length)
{
    memset(p, 0, sizeof *p);
    p->at = qref_skip_space(line, line + length);
    p->end = line + length;
    if (p->at == p->end || *p->at != '{') return qref_broken(p, "a request is a JSON object");
    if (!qref_check_value(p, 0)) return 0;
    return qref_skip_space(p->at, p->end) == p->end || qref_broken(p, "more than one value on a line");
}

static inline const char *qref_skip_string(const char *at)
{
    for (at++; *at != '"'; at++)
        if (*at == '\\') at++;
    return at + 1;
}

/* The end of the well-formed value that starts at `at`. */
static inline const char *qref_skip_value(const char *at, const char *end)
{
    int depth = 0;
    do {
        if (*at == '"') {
            at = qref_skip_string(at);
        } else {
            depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
            at++;
        }
    } while (depth > 0);
    while (at < end && !qref_is_space(*at) && !strchr(",:]}", *at)) at++;    /* the rest of a number or word */
    return at;
}

static inline int qref_json_type_is(qref_json value, char opening)
{
    return value.at < value.end && *value.at == opening;
}

/* Whether a value is missing or null: the protocol makes no difference. */
static inline int qref_json_absent(qref_json value) { return value.at == value.end || *value.at == 'n'; }

/* The element of an array, or the name of an object's member, that starts after `at`; empty at the end. */
static inline qref_json qref_json_next(qref_json container, const char *at)
{
    at = qref_skip_space(at, container.end);
    if (*at == ',') at = qref_skip_space(at + 1, container.end);
    if (*at == ']' || *at == '}') return qref_span(at, at);
    return qref_span(at, qref_skip_value(at, container.end));
}

static inline qref_json qref_json_value_of(qref_json container, qref_json key)
{
    const char *colon = qref_skip_space(key.end, container.end);
    const char *at = qref_skip_space(colon + 1, container.end);
    return qref_span(at, qref_skip_value(at, container.end));
}

/* The member of that name; of several the last, as most readers of JSON have it. */
static inline qref_json qref_json_member(qref_json object, const char *name)
{
    qref_json found = qref_span(object.at, object.at), key, value;
    if (!qref_json_type_is(object, '{')) return found;
    for (key = qref_json_next(object, object.at + 1); key.at < key.end; key = qref_json_next(object, value.end)) {
        value = qref_json_value_of(object, key);
        if (qref_json_is(key, name)) found = value;
    }
    return found;
}

/* A number as int64, if it is one: 3, 3.0 and 30e-1 are, 3.5 and 1e30 are not. */
static inline int qref_json_int(qref_json value, int64_t *result)
{
    const char *at = value.at;
    int negative, power = 0, seen_point = 0, exponent = 0, exponent_negative = 0;
    uint64_t digits = 0;
    if (at == value.end || !(*at == '-' || qref_is_digit(*at))) return 0;
    negative = *at == '-';
    for (at += negative; at < value.end && (qref_is_digit(*at) || *at == '.'); at++) {
        if (*at == '.') {
            seen_point = 1;
            continue;
        }
        if (digits > (UINT64_MAX - 9) / 10) return 0;
        digits = digits * 10 + (uint64_t)(*at - '0');
        power -= seen_point;
    }
    if (at < value.end) {
        at++;
        exponent_negative = *at == '-';
        if (*at == '-' || *at == '+') at++;
        for (; at < value.end; at++)
            if (exponent < 100000) exponent = exponent * 10 + (*at - '0');
    }
    power += exponent_negative ? -exponent : exponent;
    for (; power < 0 && digits; power++, digits /= 10)
        if (digits % 10) return 0;
    for (; power > 0 && digits; power--, digits *= 10)
        if (digits > UINT64_MAX / 10) return 0;
    if (digits > (uint64_t)INT64_MAX) return 0;
    *result = negative ? -(int64_t)digits : (int64_t)digits;
    return 1;
}

/* ------------------------------------------------------------------------------------------------- base64 */

static const char qref_base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static inline int qref_base64_digit(long c)
{
    if (c >= 'A' && c <= 'Z') return (int)(c - 'A');
    if (c >= 'a' && c <= 'z') return (int)(c - 'a') + 26;
    if (c >= '0' && c <= '9') return (int)(c - '0') + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decodes a JSON string of padded base64 that must give exactly `size` bytes; 0 when it does not. A null `bytes`
 * only checks, so that nothing is allocated for data that is not there. */
static inline int qref_base64_read(qref_json text, uint8_t *bytes, size_t size)
{
    const char *at = text.at + 1;
    size_t done = 0;
    for (;;) {
        long c[4];
        int d[4], i, count;
        for (i = 0; i < 4; i++) {
            c[i] = qref_next_character(&at);
            if (c[i] < 0) return i == 0 && done == size;
            d[i] = qref_base64_digit(c[i]);
        }
        count = c[2] == '=' && c[3] == '=' ? 1 : c[3] == '=' ? 2 : 3;
        if (d[0] < 0 || d[1] < 0 || (count > 1 && d[2] < 0) || (count > 2 && d[3] < 0)) return 0;
        if (count < 3 && *at != '"') return 0;                             /* padding stands at the end only */
        if ((count == 1 && d[1] & 15) || (count == 2 && d[2] & 3)) return 0;    /* bits that belong to no byte */
        if (size - done < (size_t)count) return 0;
        if (bytes) {
            bytes[done] = (uint8_t)(d[0] << 2 | d[1] >> 4);
            if (count > 1) bytes[done + 1] = (uint8_t)((d[1] & 15) << 4 | d[2] >> 2);
            if (count > 2) bytes[done + 2] = (uint8_t)((d[2] & 3) << 6 | d[3]);
        }
        done += (size_t)count;
    }
}

static inline void qref_base64_write(FILE *file, const uint8_t *bytes, size_t size)
{
    for (; size > 0; bytes += 3) {
        unsigned group = (unsigned)bytes[0] << 16;
        if (size > 1) group |= (unsigned)bytes[1] << 8;
        if (size > 2) group |= bytes[2];
        putc(qref_base64_digits[group >> 18], file);
        putc(qref_base64_digits[group >> 12 & 63], file);
        putc(size > 1 ? qref_base64_digits[group >> 6 & 63] : '=', file);
        putc(size > 2 ? qref_base64_digits[group & 63] : '=', file);
        size -= size < 3 ? size : 3;
    }
}

/* ------------------------------------------------------------------------------------------------ tensors */

typedef struct {
    qref_dtype dtype;
    int rank;
    int64_t shape[QREF_MAX_RANK];
    size_t count;      /* of elements */
    uint8_t *data;     /* little endian, C order, as in the message */
} qref_tensor;

/* The bits of element i. */
static inline uint64_t qref_bits(const qref_tensor *t, size_t i)
{
    int bytes = qref_info(t->dtype)->bytes, bits = qref_info(t->dtype)->bits, k;
    uint64_t value = 0;
    for (k = bytes - 1; k >= 0; k--) value = value << 8 | t->data[i * (size_t)bytes + (size_t)k];
    return bits == 64 ? value : value & (((uint64_t)1 << bits) - 1);
}

static inline void qref_set_bits(qref_tensor *t, size_t i, uint64_t value)
{
    int bytes = qref_info(t->dtype)->bytes, k;
    for (k = 0; k < bytes; k++) t->data[i * (size_t)bytes + (size_t)k] = (uint8_t)(value >> (8 * k) & 0xFF);
}

/* Element i of an integer tensor. A uint64 above INT64_MAX does not fit: read its bits. */
static inline int64_t qref_int(const qref_tensor *t, size_t i)
{
    uint64_t value = qref_bits(t, i), sign = (uint64_t)1 << (qref_info(t->dtype)->bits - 1);
    if (qref_info(t->dtype)->family != 'i' || !(value & sign)) return (int64_t)value;
    return (int64_t)(value & (sign - 1)) - (int64_t)(sign - 1) - 1;
}

/* Writes an integer that fits the dtype; a signed one is sign-extended to its byte. */
static inline void qref_set_int(qref_tensor *t, size_t i, int64_t value) { qref_set_bits(t, i, (uint64_t)value); }

static inline int qref_same_shape(const qref_tensor *a, const qref_tensor *b)
{
    int i;
    if (a->rank != b->rank) return 0;
    for (i = 0; i < a->rank; i++)
        if (a->shape[i] != b->shape[i]) return 0;
    return 1;
}

/* ----------------------------------------------------------------------------------- requests and answers */

typedef enum { QREF_OK, QREF_UNSUPPORTED, QREF_ERROR } qref_status;

typedef struct {
    int64_t opset;
    qref_json attributes;                          /* read them with qref_int_attribute and its neighbours */
    qref_json profile;                             /* the rule that judges, or absent */
    int inputs;
    const qref_tensor *input[QREF_MAX_INPUTS];     /* null where absent, beyond `inputs` as well */
    qref_tensor storage[QREF_MAX_INPUTS];
} qref_request;

typedef struct {
    qref_status status;
    char why[240];
    int outputs;
    qref_tensor output[QREF_MAX_OUTPUTS];
} qref_answer;

/* One operator: look at the request, make outputs with qref_output, fill them, return QREF_OK;
 * or `return qref_unsupported(answer, "why")`, `return qref_error(answer, "why")`. */
typedef qref_status (*qref_function)(const qref_request *request, qref_answer *answer);

typedef struct {
    const char *name;      /* "Relu"; outside ONNX's own domain with a prefix, "qref:Requantize" */
    qref_function function;
} qref_operator;

typedef struct {
    const char *name, *version, *profile;      /* profile: the rule the engine follows, or null */
    const qref_operator *operators;            /* ends with {NULL, NULL} */
} qref_engine;

static inline qref_status qref_refuse(qref_answer *answer, qref_status status, const char *format, va_list arguments)
{
    answer->status = status;
    vsnprintf(answer->why, sizeof answer->why, format, arguments);
    return status;
}

/* The operator, type or opset is missing here, or no text fixes the answer. */
static inline qref_status qref_unsupported(qref_answer *answer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    qref_refuse(answer, QREF_UNSUPPORTED, format, arguments);
    va_end(arguments);
    return QREF_UNSUPPORTED;
}

/* The request breaks the operator's rules. */
static inline qref_status qref_error(qref_answer *answer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    qref_refuse(answer, QREF_ERROR, format, arguments);
    va_end(arguments);
    return QREF_ERROR;
}

/* Fills in rank, shape and count; the answer says why when that is impossible. */
static inline qref_status qref_set_shape(qref_answer *answer, qref_tensor *t, int rank, const int64_t *shape)
{
    size_t limit = QREF_MAX_BYTES / (size_t)qref_info(t->dtype)->bytes;
    int i, empty = 0;
    t->rank = rank;
    for (i = 0; i < rank; i++) {
        if (shape[i] < 0) return qref_error(answer, "a dimension is negative");
        if (shape[i] > QREF_MAX_DIMENSION) return qref_unsupported(answer, "a dimension above 2^31-1");
        t->shape[i] = shape[i];
        empty |= shape[i] == 0;
    }
    t->count = empty ? 0 : 1;
    for (i = 0; i < rank && !empty; i++) {
        if (t->count > limit / (size_t)shape[i])
            return qref_unsupported(answer, "a tensor larger than this engine takes");
        t->count *= (size_t)shape[i];
    }
    return QREF_OK;
}

static inline qref_status qref_allocate(qref_answer *answer, qref_tensor *t)
{
    size_t size = t->count * (size_t)qref_info(t->dtype)->bytes;
    t->data = (uint8_t *)calloc(size ? size : 1, 1);
    return t->data ? QREF_OK : qref_unsupported(answer, "out of memory");
}

/* The next output, zeroed; null when it cannot be had: then return answer->status. */
static inline qref_tensor *qref_output(qref_answer *answer, qref_dtype dtype, int rank, const int64_t *shape)
{
    qref_tensor *t = &answer->output[answer->outputs];
    if (answer->outputs == QREF_MAX_OUTPUTS || rank > QREF_MAX_RANK) {
        qref_unsupported(answer, "too many outputs or dimensions");
        return NULL;
    }
    t->dtype = dtype;
    if (qref_set_shape(answer, t, rank, shape) != QREF_OK || qref_allocate(answer, t) != QREF_OK) return NULL;
    answer->outputs++;
    return t;
}

/* Checks that the first `required` inputs are there, and none beyond `most`. */
static inline qref_status qref_inputs(const qref_request *request, qref_answer *answer, int required, int most)
{
    int i;
    if (request->inputs > most) return qref_error(answer, "%d inputs, at most %d are allowed", request->inputs, most);
    for (i = 0; i < required; i++)
        if (!request->input[i]) return qref_error(answer, "input %d is missing", i);
    return QREF_OK;
}

static inline qref_status qref_read_dtype(qref_json value, qref_answer *answer, qref_dtype *dtype)
{
    int i;
    for (i = 0; i < QREF_DTYPES; i++)
        if (qref_json_is(value, qref_info((qref_dtype)i)->name)) {
            *dtype = (qref_dtype)i;
            return QREF_OK;
        }
    if (!qref_json_type_is(value, '"')) return qref_error(answer, "a tensor without dtype");
    return qref_unsupported(answer, "unknown dtype");
}

/* Numbers of an array into `values`; how many there are, or -1 when it is no array of integers or too long. */
static inline int qref_read_ints(qref_json array, int64_t *values, int most)
{
    int count = 0;
    qref_json v;
    if (!qref_json_type_is(array, '[')) return -1;
    for (v = qref_json_next(array, array.at + 1); v.at < v.end; v = qref_json_next(array, v.end))
        if (count == most || !qref_json_int(v, &values[count++])) return -1;
    return count;
}

static inline qref_status qref_read_tensor(qref_json value, qref_answer *answer, qref_tensor *t)
{
    int64_t shape[QREF_MAX_RANK];
    qref_json data = qref_json_member(value, "data");
    int rank = qref_read_ints(qref_json_member(value, "shape"), shape, QREF_MAX_RANK);
    size_t size;
    if (!qref_json_type_is(value, '{')) return qref_error(answer, "an input is no tensor");
    if (rank < 0) return qref_error(answer, "a tensor's shape is no list of at most %d integers", QREF_MAX_RANK);
    if (qref_read_dtype(qref_json_member(value, "dtype"), answer, &t->dtype) != QREF_OK) return answer->status;
    if (qref_set_shape(answer, t, rank, shape) != QREF_OK) return answer->status;
    size = t->count * (size_t)qref_info(t->dtype)->bytes;
    if (!qref_json_type_is(data, '"') || !qref_base64_read(data, NULL, size))
        return qref_error(answer, "a tensor's data is not the base64 of %zu bytes", size);
    if (qref_allocate(answer, t) != QREF_OK) return answer->status;
    qref_base64_read(data, t->data, size);
    return QREF_OK;
}

static inline qref_status qref_read_request(qref_json line, qref_request *request, qref_answer *answer)
{
    qref_json inputs = qref_json_member(line, "inputs"), opset = qref_json_member(line, "opset"), v;
    request->attributes = qref_json_member(line, "attributes");
    request->profile = qref_json_member(line, "profile");
    if (!qref_json_int(opset, &request->opset)) return qref_error(answer, "opset is no integer");
    if (!qref_json_absent(request->attributes) && !qref_json_type_is(request->attributes, '{'))
        return qref_error(answer, "attributes is no object");
    if (qref_json_absent(inputs)) return QREF_OK;
    if (!qref_json_type_is(inputs, '[')) return qref_error(answer, "inputs is no list");
    for (v = qref_json_next(inputs, inputs.at + 1); v.at < v.end; v = qref_json_next(inputs, v.end)) {
        int i = request->inputs;
        if (i == QREF_MAX_INPUTS) return qref_unsupported(answer, "more than %d inputs", QREF_MAX_INPUTS);
        if (!qref_json_absent(v)) {
            if (qref_read_tensor(v, answer, &request->storage[i]) != QREF_OK) return answer->status;
            request->input[i] = &request->storage[i];
        }
        request->inputs++;
    }
    return QREF_OK;
}

/* --------------------------------------------------------------------------------------------- attributes
 *
 * A getter returns the default where the attribute is absent. One of a wrong type marks the answer as an error, so
 * an operator reads all it needs and then asks once: if (answer->status != QREF_OK) return answer->status.
 */

static inline qref_json qref_attribute(const qref_request *request, const char *name)
{
    return qref_json_member(request->attributes, name);
}

static inline int64_t qref_int_attribute(const qref_request *request, qref_answer *answer, const char *name,
                                         int64_t otherwise)
{
    qref_json value = qref_attribute(request, name);
    int64_t result = otherwise;
    if (!qref_json_absent(value) && !qref_json_int(value, &result)) qref_error(answer, "%s is no integer", name);
    return result;
}

/* Reads exactly `count` integers; 0, and `values` untouched, where the attribute is absent or wrong. */
static inline int qref_ints_attribute(const qref_request *request, qref_answer *answer, const char *name,
                                      int64_t *values, int count)
{
    int64_t read[2 * QREF_MAX_RANK];
    qref_json value = qref_attribute(request, name);
    if (qref_json_absent(value)) return 0;
    if (qref_read_ints(value, read, count) != count) {
        qref_error(answer, "%s is no list of %d integers", name, count);
        return 0;
    }
    memcpy(values, read, (size_t)count * sizeof *values);
    return 1;
}

/* The index in `choices` (ended by null) of a string attribute; 0, the default, where it is absent. */
static inline int qref_choice_attribute(const qref_request *request, qref_answer *answer, const char *name,
                                        const char *const *choices)
{
    qref_json value = qref_attribute(request, name);
    int i;
    if (qref_json_absent(value)) return 0;
    for (i = 0; choices[i]; i++)
        if (qref_json_is(value, choices[i])) return i;
    qref_error(answer, "%s is none of the allowed values", name);
    return 0;
}

/* Refuses attributes outside `names` (separated by spaces): one that is silently ignored gives a wrong answer. */
static inline qref_status qref_only_attributes(const qref_request *request, qref_answer *answer, const char *names)
{
    qref_json object = request->attributes, key;
    if (qref_json_absent(object)) return QREF_OK;
    for (key = qref_json_next(object, object.at + 1); key.at < key.end;
         key = qref_json_next(object, qref_json_value_of(object, key).end)) {
        const char *at = names;
        int known = 0;
        while (*at && !known) {
            char name[32];
            size_t length = strcspn(at, " ");
            memcpy(name, at, length);
            name[length] = '\0';
            known = qref_json_is(key, name);
            at += length + strspn(at + length, " ");
        }
        if (!known)
            return qref_error(answer, "opset %" PRId64 " has no attribute %.*s", request->opset,
                              key.end - key.at > 60 ? 60 : (int)(key.end - key.at), key.at);
    }
    return QREF_OK;
}

/* ----------------------------------------------------------------------------------------------- the loop */

static inline void qref_write_string(FILE *file, const char *text)
{
    putc('"', file);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') putc('\\', file);
        putc(c < 0x20 || c >= 0x7F ? '?' : c, file);
    }
    putc('"', file);
}

static inline void qref_write_tensor(FILE *file, const qref_tensor *t)
{
    int i;
    fprintf(file, "{\"dtype\": \"%s\", \"shape\": [", qref_info(t->dtype)->name);
    for (i = 0; i < t->rank; i++) fprintf(file, i ? ", %" PRId64 : "%" PRId64, t->shape[i]);
    fprintf(file, "], \"data\": \"");
    qref_base64_write(file, t->data, t->count * (size_t)qref_info(t->dtype)->bytes);
    fprintf(file, "\"}");
}

static inline void qref_write_id(FILE *file, qref_json id)
{
    fprintf(file, "{\"id\": ");
    if (id.at == id.end) fprintf(file, "null");
    else fwrite(id.at, 1, (size_t)(id.end - id.at), file);
}

static inline void qref_write_answer(FILE *file, qref_json id, const qref_answer *answer)
{
    int i;
    qref_write_id(file, id);
    if (answer->status == QREF_OK) {
        fprintf(file, ", \"outputs\": [");
        for (i = 0; i < answer->outputs; i++) {
            if (i) fprintf(file, ", ");
            qref_write_tensor(file, &answer->output[i]);
        }
        fprintf(file, "]}\n");
    } else {
        fprintf(file, answer->status == QREF_ERROR ? ", \"error\": " : ", \"unsupported\": ");
        qref_write_string(file, answer->why);
        fprintf(file, "}\n");
    }
}

static inline void qref_write_hello(FILE *file, qref_json id, const qref_engine *engine)
{
    qref_write_id(file, id);
    fprintf(file, ", \"protocol\": 1, \"name\": ");
    qref_write_string(file, engine->name);
    fprintf(file, ", \"version\": ");
    qref_write_string(file, engine->version);
    if (engine->profile) {
        fprintf(file, ", \"profile\": ");
        qref_write_string(file, engine->profile);
    }
    fprintf(file, "}\n");
}

/* Whether a request names this operator: "Relu" in domain "", "qref:Requantize" in domain "qref". */
static inline int qref_names(qref_json op, qref_json domain, const char *name)
{
    const char *colon = strchr(name, ':');
    char prefix[32];
    size_t length = colon ? (size_t)(colon - name) : 0;
    memcpy(prefix, name, length);
    prefix[length] = '\0';
    if (!qref_json_is(op, colon ? colon + 1 : name)) return 0;
    return qref_json_absent(domain) ? length == 0 : qref_json_is(domain, prefix);
}

/* Keeps the leading outputs that were asked for. */
static inline void qref_keep_outputs(qref_json line, qref_answer *answer)
{
    qref_json value = qref_json_member(line, "outputs");
    int64_t wanted = answer->outputs;
    if (!qref_json_absent(value) && (!qref_json_int(value, &wanted) || wanted < 0))
        qref_error(answer, "outputs is no number of outputs");
    else if (wanted > answer->outputs)
        qref_error(answer, "%" PRId64 " outputs wanted, the operator has %d", wanted, answer->outputs);
    else
        answer->outputs = (int)wanted;      /* the others are freed with the answer */
}

static inline void qref_run(const qref_engine *engine, qref_json line, qref_request *request, qref_answer *answer)
{
    qref_json op = qref_json_member(line, "op"), domain = qref_json_member(line, "domain");
    const qref_operator *known = engine->operators;
    int i;
    memset(request, 0, sizeof *request);
    memset(answer, 0, sizeof *answer);
    while (known->name && !qref_names(op, domain, known->name)) known++;
    if (!qref_json_type_is(op, '"')) qref_error(answer, "op is no string");
    else if (!known->name) qref_unsupported(answer, "no such operator here");
    else if (qref_read_request(line, request, answer) == QREF_OK && known->function(request, answer) == QREF_OK)
        qref_keep_outputs(line, answer);
    for (i = 0; i < QREF_MAX_INPUTS; i++) free(request->storage[i].data);
}

/* Answers one line. */
static inline void qref_answer_line(const qref_engine *engine, const char *text, size_t length, FILE *out)
{
    static qref_request request;      /* large, so not on the stack */
    static qref_answer answer;
    qref_checker checker;
    int i;
    if (!qref_check_line(&checker, text, length)) {
        memset(&answer, 0, sizeof answer);
        qref_error(&answer, "not a request: %s", checker.problem);
    } else {
        const char *start = qref_skip_space(text, text + length);
        qref_json line = qref_span(start, qref_skip_value(start, text + length));
        if (qref_names(qref_json_member(line, "op"), qref_json_member(line, "domain"), "qref:Hello")) {
            qref_write_hello(out, checker.id, engine);
            return;
        }
        qref_run(engine, line, &request, &answer);
    }
    qref_write_answer(out, checker.id, &answer);
    for (i = 0; i < QREF_MAX_OUTPUTS; i++) free(answer.output[i].data);
}

/* Reads a line of any length into a buffer that grows; its length, or -1 at the end of input. A line for which there
 * is no memory is read to its end and dropped: length 0 and *buffer null. */
static inline ptrdiff_t qref_read_line(FILE *in, char **buffer, size_t *capacity)
{
    size_t length = 0;
    int c, dropped = 0;
    while ((c = getc(in)) != EOF && c != '\n') {
        if (dropped) continue;
        if (length == *capacity) {
            size_t grown = *capacity ? *capacity * 2 : 4096;
            char *larger = grown > (size_t)PTRDIFF_MAX ? NULL : (char *)realloc(*buffer, grown);
            if (!larger) {
                free(*buffer);
                *buffer = NULL;
                *capacity = length = 0;
                dropped = 1;
                continue;
            }
            *buffer = larger;
            *capacity = grown;
        }
        (*buffer)[length++] = (char)c;
    }
    if (c == EOF && length == 0 && !dropped) return -1;
    return (ptrdiff_t)length;
}

/* Answers line after line until the end of input; the program's exit code. */
static inline int qref_serve(const qref_engine *engine)
{
    char *buffer = (char *)malloc(4096);
    size_t capacity = buffer ? 4096 : 0;
    ptrdiff_t length;
    while ((length = qref_read_line(stdin, &buffer, &capacity)) >= 0) {
        if (!buffer)
            printf("{\"id\": null, \"error\": \"no memory for a line of this length\"}\n");
        else if (qref_skip_space(buffer, buffer + length) < buffer + length)      /* an empty line asks nothing */
            qref_answer_line(engine, buffer, (size_t)length, stdout);
        if (fflush(stdout) != 0) break;
    }
    free(buffer);
    return ferror(stdout) ? 1 : 0;
}

#endif
