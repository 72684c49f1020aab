/* Paragraphs as the index stores them; see passages.pyi and plain.py. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reading.h"

/* SHA-256, FIPS 180-4. */

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t
turned(uint32_t word, int bits)
{
    return word >> bits | word << (32 - bits);
}

static void
take_block(uint32_t state[8], const unsigned char *block)
{
    uint32_t w[64], a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int at = 0; at < 16; at++) {
        const unsigned char *own = block + 4 * at;
        w[at] = (uint32_t)own[0] << 24 | (uint32_t)own[1] << 16 | (uint32_t)own[2] << 8 | own[3];
    }
    for (int at = 16; at < 64; at++) {
        uint32_t low = w[at - 15], high = w[at - 2];
        w[at] = w[at - 16] + (turned(low, 7) ^ turned(low, 18) ^ low >> 3) + w[at - 7] +
                (turned(high, 17) ^ turned(high, 19) ^ high >> 10);
    }
    for (int at = 0; at < 64; at++) {
        uint32_t one = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) +
                       constants[at] + w[at];
        uint32_t other = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) +
                         ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + one;
        d = c;
        c = b;
        b = a;
        a = one + other;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

/* The first 40 bits of the digest of some bytes. */
static uint64_t
digest(const unsigned char *bytes, size_t size)
{
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    unsigned char last[128] = {0};
    size_t whole = size / 64 * 64, left = size - whole, padded = left < 56 ? 64 : 128;
    uint64_t bits = (uint64_t)size * 8;
    for (size_t at = 0; at < whole; at += 64) {
        take_block(state, bytes + at);
    }
    if (left) {
        memcpy(last, bytes + whole, left);
    }
    last[left] = 0x80;
    for (int at = 0; at < 8; at++) {
        last[padded - 1 - at] = (unsigned char)(bits >> (8 * at));
    }
    for (size_t at = 0; at < padded; at += 64) {
        take_block(state, last + at);
    }
    return (uint64_t)state[0] << 8 | state[1] >> 24;
}

#define DIGEST_CHARS 8
#define MOST_HEAD_CHARS 40 /* a number of 64 bits, a comma, quotes around the digest, a line end */

typedef struct {
    long long line;
    const unsigned char *text; /* UTF-8 */
    Py_ssize_t size;
    unsigned char *stored;
    Py_ssize_t head; /* how long the number of the line is */
} Passage;

static void
store(const Passage *passage, const char *number)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    uint64_t bits = digest(passage->text, (size_t)passage->size);
    unsigned char *to = passage->stored;
    memcpy(to, number, (size_t)passage->head);
    to += passage->head;
    *to++ = ',';
    *to++ = '"';
    for (int at = DIGEST_CHARS - 1; at >= 0; at--) {
        *to++ = (unsigned char)letters[bits >> (5 * at) & 31];
    }
    *to++ = '"';
    *to++ = '\n';
    if (passage->size) {
        memcpy(to, passage->text, (size_t)passage->size);
    }
}

static PyObject *
stored(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    PyObject *lines, *texts, *held_lines = NULL, *held_texts = NULL, *result = NULL;
    Passage *passages = NULL;
    Py_ssize_t count;
    if (!PyArg_ParseTuple(arguments, "OO:stored", &lines, &texts)) {
        return NULL;
    }
    held_lines = PySequence_Tuple(lines);
    held_texts = held_lines ? PySequence_Tuple(texts) : NULL;
    if (held_texts == NULL) {
        goto done;
    }
    count = PyTuple_Size(held_texts);
    if (PyTuple_Size(held_lines) != count) {
        PyErr_SetString(PyExc_ValueError, "each text has a line");
        goto done;
    }
    if ((size_t)count > SIZE_MAX / sizeof(Passage) - 1) {
        PyErr_NoMemory();
        goto done;
    }
    passages = calloc((size_t)count + 1, sizeof(Passage));
    if (passages == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    result = PyList_New(count);
    for (Py_ssize_t at = 0; result != NULL && at < count; at++) {
        Passage *own = &passages[at];
        PyObject *text = PyTuple_GetItem(held_texts, at), *bytes = NULL;
        char number[MOST_HEAD_CHARS];
        own->line = PyLong_AsLongLong(PyTuple_GetItem(held_lines, at));
        if (own->line == -1 && PyErr_Occurred()) {
            Py_CLEAR(result);
            break;
        }
        if (!PyUnicode_Check(text)) {
            PyErr_SetString(PyExc_TypeError, "a text is a str");
            Py_CLEAR(result);
            break;
        }
        own->head = snprintf(number, sizeof number, "%lld", own->line);
        own->text = (const unsigned char *)PyUnicode_AsUTF8AndSize(text, &own->size);
        if (own->text == NULL) {
            Py_CLEAR(result);
            break;
        }
        if (own->size > PY_SSIZE_T_MAX - MOST_HEAD_CHARS) {
            PyErr_NoMemory();
            Py_CLEAR(result);
            break;
        }
        bytes = PyBytes_FromStringAndSize(NULL, own->head + 4 + DIGEST_CHARS + own->size);
        if (bytes == NULL) {
            Py_CLEAR(result);
            break;
        }
        own->stored = (unsigned char *)PyBytes_AsString(bytes);
        PyList_SetItem(result, at, bytes);
    }
    if (result != NULL) {
        /* Nobody else has these bytes yet, and the tuple holds the texts. */
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t at = 0; at < count; at++) {
            char number[MOST_HEAD_CHARS];
            snprintf(number, sizeof number, "%lld", passages[at].line);
            store(&passages[at], number);
        }
        Py_END_ALLOW_THREADS
    }
done:
    free(passages);
    Py_XDECREF(held_lines);
    Py_XDECREF(held_texts);
    return result;
}

static PyMethodDef methods[] = {
    {"stored", stored, METH_VARARGS,
     PyDoc_STR("stored(lines, texts, /)\n--\n\n"
               "Return the record of each paragraph, given its line and its clean text.")},
    {"counted", counted, METH_O,
     PyDoc_STR("counted(records, /)\n--\n\n"
               "Return the tokens that may be words and occur more than once, and how often.")},
    {NULL, NULL, 0, NULL},
};

static int add_types(PyObject *module)
{
    PyType_Spec *specs[] = {&Encoder_spec, &Records_spec};
    if (checksums_make() < 0)
        return -1;
    for (size_t at = 0; at < sizeof specs / sizeof *specs; at++) {
        PyObject *type = PyType_FromSpec(specs[at]);
        int is_added = type ? PyModule_AddType(module, (PyTypeObject *)type) : -1;
        Py_XDECREF(type);
        if (is_added < 0)
            return -1;
    }
    return 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, add_types}, {0, NULL}};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "passages",
    .m_doc = PyDoc_STR("Paragraphs as the index stores them."),
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit_passages(void)
{
    return PyModuleDef_Init(&definition);
}
