/* Texts looked through for what has to be cleaned; see scanning.pyi and cleaning.py. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const unsigned char *start; /* UTF-8; NULL where the text has halves of characters */
    Py_ssize_t size;
} Text;

/* Characters that no normal form changes, whatever stands before or behind them. */
static const uint32_t settled[][2] = {
    {0x00A1, 0x02FF}, {0x0391, 0x03A1}, {0x03A3, 0x0482}, {0x048A, 0x052F}, {0x05D0, 0x05EA},
    {0x0621, 0x063A}, {0x0641, 0x064A}, {0x0904, 0x0939}, {0x0E01, 0x0E30}, {0x0E40, 0x0E46},
    {0x1E00, 0x1EF9}, {0x200B, 0x2027}, {0x202A, 0x202E}, {0x2030, 0x205E}, {0x2060, 0x2064},
    {0x2070, 0x209C}, {0x20A0, 0x20BF}, {0x2100, 0x2125}, {0x2190, 0x2328}, {0x2460, 0x2ADB},
    {0x3001, 0x3029}, {0x3041, 0x3096}, {0x309B, 0x30FF}, {0x3220, 0xA48C}, {0xAC00, 0xD7A3},
    {0xFB00, 0xFB06}, {0xFE00, 0xFE0F}, {0xFF01, 0xFFBE}, {0xFFFD, 0xFFFD}, {0x1D538, 0x1D56B},
    {0x1F300, 0x1F6D7}, {0x1F900, 0x1F9FF},
};

/* Whether a character beyond ASCII is settled and no white space. */
static int
is_settled_sign(uint32_t code)
{
    for (size_t at = 0; at < sizeof(settled) / sizeof(settled[0]); at++) {
        if (code < settled[at][0]) {
            return 0;
        }
        if (code <= settled[at][1]) {
            return 1;
        }
    }
    return 0;
}

/* Whether a character is white space or a control beyond ASCII, which no normal form changes. */
static int
is_settled_blank(uint32_t code)
{
    return (code >= 0x80 && code <= 0xA0) || (code >= 0x2002 && code <= 0x200A) ||
           code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

/* The character beyond ASCII that begins at a place, and how long it is; 0 for what is none. */
static uint32_t
character(const unsigned char *at, const unsigned char *end, int *length)
{
    unsigned char first = *at;
    uint32_t code, least;
    if (first >= 0xF0) {
        *length = 4;
        code = first & 0x0Fu;
        least = 0x10000;
    }
    else if (first >= 0xE0) {
        *length = 3;
        code = first & 0x0Fu;
        least = 0x800;
    }
    else {
        *length = 2;
        code = first & 0x1Fu;
        least = 0x80;
    }
    if (first < 0xC0 || end - at < *length) {
        return 0;
    }
    for (int next = 1; next < *length; next++) {
        if ((at[next] & 0xC0) != 0x80) {
            return 0;
        }
        code = code << 6 | (at[next] & 0x3Fu);
    }
    return code < least ? 0 : code;
}

/* Whether eight bytes are printable ASCII without two blanks side by side, in any byte order. */
static int
are_plain(const unsigned char *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones * 0x80;
    uint64_t word, blanks;
    memcpy(&word, at, sizeof word);
    if (word & highs) {
        return 0;
    }
    /* With all highest bits 0 no byte carries over into the next: they become 1 from a blank on,
       and from what follows on. */
    if (((word + ones * (0x80 - ' ')) & highs) != highs) {
        return 0;
    }
    blanks = ~(word + ones * (0x80 - ' ' - 1)) & highs;
    return (blanks & (blanks << 8)) == 0;
}

static int
is_clean(const Text *text)
{
    const unsigned char *at = text->start, *end;
    int after_blank = 1;
    if (at == NULL) {
        return 0;
    }
    if (text->size == 0) {
        return 1;
    }
    end = at + text->size;
    while (at < end) {
        unsigned char byte = *at;
        if (end - at >= 8 && !(after_blank && byte == ' ') && are_plain(at)) {
            after_blank = at[7] == ' ';
            at += 8;
            continue;
        }
        if (byte == ' ') {
            if (after_blank) {
                return 0;
            }
            after_blank = 1;
            at++;
            continue;
        }
        after_blank = 0;
        if (byte < 0x80) {
            if (byte < ' ' && ((byte >= 0x09 && byte <= 0x0D) || byte >= 0x1C)) {
                return 0;
            }
            at++;
        }
        else {
            int length;
            if (!is_settled_sign(character(at, end, &length))) {
                return 0;
            }
            at += length;
        }
    }
    return !after_blank;
}

static PyObject *
doubtful(PyObject *Py_UNUSED(module), PyObject *argument)
{
    PyObject *held = PySequence_Tuple(argument), *places = NULL;
    Text *texts = NULL;
    Py_ssize_t count;
    if (held == NULL) {
        return NULL;
    }
    count = PyTuple_Size(held);
    if (count < 0 || (size_t)count > SIZE_MAX / sizeof(Text) - 1) {
        PyErr_NoMemory();
        goto done;
    }
    texts = calloc((size_t)count + 1, sizeof(Text));
    if (texts == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    for (Py_ssize_t at = 0; at < count; at++) {
        PyObject *text = PyTuple_GetItem(held, at);
        if (!PyUnicode_Check(text)) {
            PyErr_SetString(PyExc_TypeError, "a text is a str");
            goto done;
        }
        texts[at].start = (const unsigned char *)PyUnicode_AsUTF8AndSize(text, &texts[at].size);
        if (texts[at].start == NULL) {
            if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
                goto done;
            }
            PyErr_Clear();
        }
    }
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t at = 0; at < count; at++) {
        texts[at].size = is_clean(&texts[at]);
    }
    Py_END_ALLOW_THREADS
    places = PyList_New(0);
    for (Py_ssize_t at = 0; places != NULL && at < count; at++) {
        if (!texts[at].size) {
            PyObject *place = PyLong_FromSsize_t(at);
            if (place == NULL || PyList_Append(places, place) < 0) {
                Py_CLEAR(places);
            }
            Py_XDECREF(place);
        }
    }
done:
    free(texts);
    Py_DECREF(held);
    return places;
}

static int
are_settled(const unsigned char *at, const unsigned char *end)
{
    const uint64_t highs = UINT64_C(0x8080808080808080);
    while (at < end) {
        int length;
        uint32_t code;
        if (*at < 0x80) {
            uint64_t word;
            if (end - at >= 8) {
                memcpy(&word, at, sizeof word);
                at += word & highs ? 1 : 8;
            }
            else {
                at++;
            }
            continue;
        }
        code = character(at, end, &length);
        if (!is_settled_sign(code) && !is_settled_blank(code)) {
            return 0;
        }
        at += length;
    }
    return 1;
}

static PyObject *
is_settled(PyObject *Py_UNUSED(module), PyObject *argument)
{
    Py_buffer data;
    int found;
    if (PyObject_GetBuffer(argument, &data, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    {
        const unsigned char *start = data.buf;
        found = data.len == 0 || are_settled(start, start + data.len);
    }
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&data);
    return PyBool_FromLong(found);
}

static PyMethodDef methods[] = {
    {"is_settled", is_settled, METH_O,
     PyDoc_STR("is_settled(data, /)\n--\n\n"
               "Tell whether data is UTF-8 that is certain to be in NFC.")},
    {"doubtful", doubtful, METH_O,
     PyDoc_STR("doubtful(texts, /)\n--\n\n"
               "Return the places of texts that are not certain to be clean.")},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "scanning",
    .m_doc = PyDoc_STR("Texts looked through for what has to be cleaned."),
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit_scanning(void)
{
    return PyModuleDef_Init(&definition);
}
