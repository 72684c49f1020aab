/* Stored records as codes of words; see coding.py, which does the same. */

#ifndef PASSAGES_CODING_H
#define PASSAGES_CODING_H

#include "../seeds.h"

enum {
    SHORT_CODES = 128,
    LITERAL = 255,
    MOST_LITERAL_BYTES = 255,
    MOST_WORDS = SHORT_CODES + (LITERAL - SHORT_CODES) * 256,
    MOST_WORD_BYTES = 64,
    MOST_DIGITS = 4,
    MOST_GROWTH = 3 /* of a byte: a literal of one byte */
};

static int is_letter_byte(unsigned char byte)
{
    return (unsigned)((byte | 32) - 'a') < 26;
}

static int is_digit_byte(unsigned char byte)
{
    return (unsigned)(byte - '0') < 10;
}

/* Whether so many bytes that go on with a character stand at a place. */
static int go_on(const unsigned char *text, size_t at, size_t size, size_t count)
{
    if (count > size || at > size - count)
        return 0;
    for (size_t end = at + count; at < end; at++)
        if ((text[at] & 0xC0) != 0x80)
            return 0;
    return 1;
}

static int is_pair(const unsigned char *text, size_t at, size_t size)
{
    return text[at] >= 0xC2 && text[at] <= 0xDF && go_on(text, at + 1, size, 1);
}

/* Whether characters that count in twos stand there: of scripts from Devanagari to Thai, or kana. */
static int is_in_twos(const unsigned char *text, size_t at, size_t size)
{
    if (at >= size || (text[at] != 0xE0 && text[at] != 0xE3) || !go_on(text, at + 1, size, 2))
        return 0;
    return text[at] == 0xE0 || (text[at + 1] >= 0x81 && text[at + 1] <= 0x83);
}

/* Where the token ends that begins at a place, which is not the end. */
static size_t end_of_token(const unsigned char *text, size_t at, size_t size)
{
    unsigned char first = text[at];
    size_t begin = at;
    if (is_letter_byte(first) || is_pair(text, at, size)) {
        while (at < size) {
            if (is_letter_byte(text[at]))
                at++;
            else if (is_pair(text, at, size))
                at += 2;
            else
                break;
        }
        return at < size && text[at] == ' ' ? at + 1 : at;
    }
    if (is_digit_byte(first)) {
        while (at < size && at - begin < MOST_DIGITS && is_digit_byte(text[at]))
            at++;
        return at;
    }
    if (first < 0x80) {
        while (at < size && text[at] < 0x80 && !is_letter_byte(text[at]) && !is_digit_byte(text[at]))
            at++;
        return at;
    }
    if (is_in_twos(text, at, size))
        return is_in_twos(text, at + 3, size) && text[at + 3] == first ? at + 6 : at + 3;
    if (first >= 0xE0 && first <= 0xEF && go_on(text, at + 1, size, 2))
        return at + 3;
    if (first >= 0xF0 && first <= 0xF4 && go_on(text, at + 1, size, 3))
        return at + 4;
    return at + 1;
}

/* A table of tokens with a number each; open addressing, never more than half full. */

typedef struct {
    uint64_t head; /* its first bytes: most tokens have no more */
    const unsigned char *bytes;
    uint32_t size, number; /* size 0: nothing is here */
} Entry;

typedef struct {
    Entry *entries;
    size_t mask, count;
    uint64_t seed; /* so that nobody knows which tokens meet */
} Table;

static int table_make(Table *table, size_t room)
{
    size_t size = 1024;
    while (size < 2 * room)
        size *= 2;
    table->entries = calloc(size, sizeof *table->entries);
    table->mask = size - 1;
    table->count = 0;
    return table->entries ? 0 : -1;
}

/* Up to 8 bytes as a number, which only this run of the program sees. */
static uint64_t piece_of(const unsigned char *bytes, size_t size)
{
    uint64_t piece = 0;
    memcpy(&piece, bytes, size < sizeof piece ? size : sizeof piece);
    return piece;
}

static uint64_t mixed(uint64_t hash, uint64_t piece)
{
    hash = (hash ^ piece) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 32;
}

/* Where a token is, or would be. */
static Entry *table_find(const Table *table, const unsigned char *bytes, size_t size)
{
    uint64_t head = piece_of(bytes, size), hash = mixed(table->seed + size, head);
    size_t at;
    for (size_t done = sizeof head; done < size; done += sizeof head)
        hash = mixed(hash, piece_of(bytes + done, size - done));
    for (at = (size_t)mixed(hash, table->seed);; at++) {
        Entry *entry = &table->entries[at & table->mask];
        if (!entry->size || (entry->size == size && entry->head == head &&
                             (size <= sizeof head || !memcmp(entry->bytes, bytes, size))))
            return entry;
    }
}

static void entry_set(Entry *entry, const unsigned char *bytes, size_t size, uint32_t number)
{
    entry->head = piece_of(bytes, size);
    entry->bytes = bytes;
    entry->size = (uint32_t)size;
    entry->number = number;
}

static int table_grow(Table *table)
{
    Table larger = *table;
    if (table_make(&larger, table->mask + 1) < 0)
        return -1;
    for (size_t at = 0; at <= table->mask; at++) {
        Entry *entry = &table->entries[at];
        if (entry->size)
            *table_find(&larger, entry->bytes, entry->size) = *entry;
    }
    larger.count = table->count;
    free(table->entries);
    *table = larger;
    return 0;
}

/* Bytes that a tuple holds, to be read without the interpreter. */

typedef struct {
    PyObject *held;
    const unsigned char **bytes;
    size_t *sizes;
    size_t count, total;
} Pieces;

static void pieces_free(Pieces *pieces)
{
    Py_XDECREF(pieces->held);
    free((void *)pieces->bytes);
    free(pieces->sizes);
}

static int pieces_take(Pieces *pieces, PyObject *from)
{
    memset(pieces, 0, sizeof *pieces);
    pieces->held = PySequence_Tuple(from);
    if (!pieces->held)
        return -1;
    pieces->count = (size_t)PyTuple_Size(pieces->held);
    pieces->bytes = calloc(pieces->count + 1, sizeof *pieces->bytes);
    pieces->sizes = calloc(pieces->count + 1, sizeof *pieces->sizes);
    if (!pieces->bytes || !pieces->sizes) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t at = 0; at < pieces->count; at++) {
        char *bytes;
        Py_ssize_t size;
        PyObject *one = PyTuple_GetItem(pieces->held, (Py_ssize_t)at);
        if (PyBytes_AsStringAndSize(one, &bytes, &size) < 0)
            return -1;
        pieces->bytes[at] = (const unsigned char *)bytes;
        pieces->sizes[at] = (size_t)size;
        if ((size_t)size > PY_SSIZE_T_MAX / MOST_GROWTH - pieces->total) {
            PyErr_NoMemory();
            return -1;
        }
        pieces->total += (size_t)size;
    }
    return 0;
}

static int count_tokens(Table *table, const Pieces *pieces)
{
    for (size_t one = 0; one < pieces->count; one++) {
        const unsigned char *text = pieces->bytes[one];
        size_t size = pieces->sizes[one];
        for (size_t at = 0, end; at < size; at = end) {
            Entry *entry;
            end = end_of_token(text, at, size);
            if (end - at > MOST_WORD_BYTES)
                continue;
            entry = table_find(table, text + at, end - at);
            if (!entry->size) {
                entry_set(entry, text + at, end - at, 0);
                if (++table->count * 2 > table->mask) {
                    entry->number = 1;
                    if (table_grow(table) < 0)
                        return -1;
                    continue;
                }
            }
            if (entry->number < UINT32_MAX)
                entry->number++;
        }
    }
    return 0;
}

static PyObject *counted(PyObject *Py_UNUSED(module), PyObject *records)
{
    Pieces pieces;
    Table table = {0};
    PyObject *counts = NULL;
    int is_done = -1;
    table.seed = new_seed();
    if (pieces_take(&pieces, records) < 0)
        goto done;
    Py_BEGIN_ALLOW_THREADS
    is_done = table_make(&table, 1 << 14);
    if (is_done == 0)
        is_done = count_tokens(&table, &pieces);
    Py_END_ALLOW_THREADS
    if (is_done < 0) {
        PyErr_NoMemory();
        goto done;
    }
    counts = PyDict_New();
    for (size_t at = 0; counts && at <= table.mask; at++) {
        const Entry *entry = &table.entries[at];
        PyObject *word, *number;
        if (!entry->size || entry->number < 2)
            continue;
        word = PyBytes_FromStringAndSize((const char *)entry->bytes, (Py_ssize_t)entry->size);
        number = PyLong_FromUnsignedLong(entry->number);
        if (!word || !number || PyDict_SetItem(counts, word, number) < 0)
            Py_CLEAR(counts);
        Py_XDECREF(word);
        Py_XDECREF(number);
    }
done:
    free(table.entries);
    pieces_free(&pieces);
    return counts;
}

typedef struct {
    PyObject_HEAD
    Table table;
    Pieces words;
} Encoder;

static void Encoder_dealloc(PyObject *object)
{
    Encoder *self = (Encoder *)object;
    PyTypeObject *type = Py_TYPE(object);
    free(self->table.entries);
    pieces_free(&self->words);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

static PyObject *Encoder_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *words, *object;
    Encoder *self;
    if (kwargs && PyDict_Size(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "Encoder() takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "O", &words))
        return NULL;
    object = ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!object)
        return NULL;
    self = (Encoder *)object;
    self->table.seed = new_seed();
    if (pieces_take(&self->words, words) < 0)
        goto failed;
    if (self->words.count > MOST_WORDS) {
        PyErr_SetString(PyExc_ValueError, "there are more words than codes");
        goto failed;
    }
    if (table_make(&self->table, self->words.count) < 0) {
        PyErr_NoMemory();
        goto failed;
    }
    for (size_t at = 0; at < self->words.count; at++) {
        size_t size = self->words.sizes[at];
        Entry *entry;
        if (!size || size > MOST_WORD_BYTES) {
            PyErr_SetString(PyExc_ValueError, "a word is of 1 to 64 bytes");
            goto failed;
        }
        entry = table_find(&self->table, self->words.bytes[at], size);
        if (entry->size) {
            PyErr_SetString(PyExc_ValueError, "a word is there twice");
            goto failed;
        }
        entry_set(entry, self->words.bytes[at], size, (uint32_t)at);
    }
    return object;
failed:
    Py_DECREF(object);
    return NULL;
}

static unsigned char *put_literals(unsigned char *to, const unsigned char *from, size_t size)
{
    while (size) {
        size_t part = size < MOST_LITERAL_BYTES ? size : MOST_LITERAL_BYTES;
        *to++ = LITERAL;
        *to++ = (unsigned char)part;
        memcpy(to, from, part);
        to += part;
        from += part;
        size -= part;
    }
    return to;
}

static unsigned char *put_codes(const Table *table, unsigned char *to, const unsigned char *text,
                                size_t size)
{
    size_t unknown = 0; /* where what is not known begins */
    for (size_t at = 0, end; at < size; at = end) {
        const Entry *entry = NULL;
        end = end_of_token(text, at, size);
        if (end - at <= MOST_WORD_BYTES)
            entry = table_find(table, text + at, end - at);
        if (!entry || !entry->size)
            continue;
        to = put_literals(to, text + unknown, at - unknown);
        unknown = end;
        if (entry->number < SHORT_CODES) {
            *to++ = (unsigned char)entry->number;
        } else {
            uint32_t code = entry->number - SHORT_CODES;
            *to++ = (unsigned char)(SHORT_CODES + (code >> 8));
            *to++ = (unsigned char)(code & 255);
        }
    }
    return put_literals(to, text + unknown, size - unknown);
}

static PyObject *Encoder_encode(PyObject *object, PyObject *records)
{
    Encoder *self = (Encoder *)object;
    Pieces pieces;
    unsigned char *codes = NULL;
    PyObject *raw = NULL, *sizes = NULL, *result = NULL;
    size_t total = 0;
    if (pieces_take(&pieces, records) < 0)
        goto done;
    codes = malloc(MOST_GROWTH * pieces.total + 1);
    if (!codes) {
        PyErr_NoMemory();
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    for (size_t one = 0; one < pieces.count; one++) {
        unsigned char *begin = codes + total;
        size_t size = (size_t)(put_codes(&self->table, begin, pieces.bytes[one],
                                         pieces.sizes[one]) - begin);
        pieces.sizes[one] = size;
        total += size;
    }
    Py_END_ALLOW_THREADS
    raw = PyBytes_FromStringAndSize((const char *)codes, (Py_ssize_t)total);
    sizes = PyList_New((Py_ssize_t)pieces.count);
    for (size_t one = 0; raw && sizes && one < pieces.count; one++) {
        PyObject *size = PyLong_FromSize_t(pieces.sizes[one]);
        if (!size || PyList_SetItem(sizes, (Py_ssize_t)one, size) < 0)
            Py_CLEAR(sizes);
    }
    if (raw && sizes)
        result = PyTuple_Pack(2, raw, sizes);
done:
    Py_XDECREF(raw);
    Py_XDECREF(sizes);
    free(codes);
    pieces_free(&pieces);
    return result;
}

static PyMethodDef Encoder_methods[] = {
    {"encode", Encoder_encode, METH_O,
     PyDoc_STR("encode($self, records, /)\n--\n\n"
               "Return the codes of all records behind each other, and how many bytes each has.")},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot Encoder_slots[] = {
    {Py_tp_new, Encoder_new},
    {Py_tp_dealloc, Encoder_dealloc},
    {Py_tp_methods, Encoder_methods},
    {Py_tp_doc, "Encodes records with the words of a vocabulary."},
    {0, NULL},
};
static PyType_Spec Encoder_spec = {
    "indexer.storage.passages.Encoder", sizeof(Encoder), 0, Py_TPFLAGS_DEFAULT, Encoder_slots,
};

#endif
