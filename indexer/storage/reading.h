/* Stored records where they lie in a mapped file, and what pages of passages are made of. */

#ifndef PASSAGES_READING_H
#define PASSAGES_READING_H

#include "../pages.h"
#include "coding.h"

enum { MOST_LINE_DIGITS = 18, LEAST_ROOM = 4096, SHORT_WORD = 16, MOST_AT_ONCE = 256 };

/* An array that is looked at as it is read. */
typedef struct {
    Numbers numbers;
    uint64_t start; /* in the file */
} Lazy;

typedef struct {
    PyObject_HEAD
    Numbers parents;                       /* looked at, as are the words */
    Lazy offsets, stored, sources, languages;
    Numbers words, word_offsets;
    Pages pages; /* of the file */
    PyObject *lines_type, *paragraph_type, *kind; /* named tuples, and what most paragraphs are */
    PyObject *article_type, *codes, *source_of, *name; /* and what articles are made of */
} Records;

/* A record that was decoded; of one call, as threads may take turns while text is made of it. */
typedef struct {
    unsigned char *bytes;
    size_t size, room;
} Decoded;

/* Some numbers of an array that are there, looked at. */
static int look_at_numbers(Records *self, const Lazy *lazy, Py_ssize_t place, Py_ssize_t count)
{
    uint64_t width = (uint64_t)lazy->numbers.width, start = lazy->start + (uint64_t)place * width;
    return pages_look_at(&self->pages, start, start + (uint64_t)count * width);
}

static int doc_check(const Records *self, Py_ssize_t doc)
{
    if (doc >= 0 && doc < self->parents.size)
        return 0;
    PyErr_Format(PyExc_IndexError, "there is no document %zd", doc);
    return -1;
}

static int damaged(Py_ssize_t doc)
{
    PyErr_Format(PyExc_ValueError, "document %zd has no record", doc);
    return -1;
}

/* The codes of a document; -1 with an exception if they are damaged. */
static int codes_of(Records *self, Py_ssize_t doc, const unsigned char **codes, size_t *size)
{
    uint64_t start, end;
    if (look_at_numbers(self, &self->offsets, doc, 2) < 0)
        return -1;
    start = number_at(&self->offsets.numbers, doc);
    end = number_at(&self->offsets.numbers, doc + 1);
    if (start > end || end > (uint64_t)self->stored.numbers.size)
        return damaged(doc);
    if (pages_look_at(&self->pages, self->stored.start + start, self->stored.start + end) < 0)
        return -1;
    *codes = self->stored.numbers.bytes + start;
    *size = (size_t)(end - start);
    return 0;
}

/* The word of a code, and its size; 0 if there is none. */
static size_t word_of(const Records *self, size_t code, const unsigned char **bytes)
{
    uint64_t start, end;
    if (code + 1 >= (size_t)self->word_offsets.size)
        return 0;
    start = number_at(&self->word_offsets, (Py_ssize_t)code);
    end = number_at(&self->word_offsets, (Py_ssize_t)code + 1);
    if (start >= end || end > (uint64_t)self->words.size || end - start > MOST_WORD_BYTES)
        return 0;
    *bytes = self->words.bytes + start;
    return (size_t)(end - start);
}

static int decoded_grow(Decoded *into)
{
    size_t room = into->room ? 2 * into->room : LEAST_ROOM;
    unsigned char *larger = room > (size_t)PY_SSIZE_T_MAX ? NULL : realloc(into->bytes, room);
    if (!larger) {
        PyErr_NoMemory();
        return -1;
    }
    into->bytes = larger;
    into->room = room;
    return 0;
}

static int decode(Records *self, Py_ssize_t doc, Decoded *into)
{
    const unsigned char *codes, *bytes, *words_end = self->words.bytes + self->words.size;
    size_t size, count, to = 0;
    if (codes_of(self, doc, &codes, &size) < 0)
        return -1;
    for (size_t at = 0; at < size; to += count) {
        size_t code = codes[at], left = size - at, is_long = code >= SHORT_CODES;
        if (into->room < MOST_AT_ONCE || to > into->room - MOST_AT_ONCE) {
            if (decoded_grow(into) < 0)
                return -1;
        }
        if (left <= is_long)
            return damaged(doc);
        if (code == LITERAL) {
            count = codes[at + 1];
            if (!count || count > left - 2)
                return damaged(doc);
            memcpy(into->bytes + to, codes + at + 2, count);
            at += 2 + count;
            continue;
        }
        /* Without a branch, as nobody can tell which codes are long: the first byte of one counts
           for 256. */
        code += ((code - SHORT_CODES) * 255 + codes[at + is_long]) & (0 - is_long);
        at += 1 + is_long;
        count = word_of(self, code, &bytes);
        if (!count)
            return damaged(doc);
        /* Most words are short, and a copy of fixed size is one instruction. */
        if (count <= SHORT_WORD && words_end - bytes >= SHORT_WORD)
            memcpy(into->bytes + to, bytes, SHORT_WORD);
        else
            memcpy(into->bytes + to, bytes, count);
    }
    into->size = to;
    return 0;
}

static PyObject *record_bytes(const Decoded *record)
{
    return PyBytes_FromStringAndSize((const char *)record->bytes, (Py_ssize_t)record->size);
}

static PyObject *text_of(const unsigned char *bytes, size_t size)
{
    return PyUnicode_DecodeUTF8((const char *)bytes, (Py_ssize_t)size, "surrogatepass");
}

static PyObject *Records_record(PyObject *object, PyObject *number)
{
    Records *self = (Records *)object;
    Decoded record = {0};
    PyObject *found = NULL;
    Py_ssize_t doc = PyLong_AsSsize_t(number);
    if (!(doc == -1 && PyErr_Occurred()) && doc_check(self, doc) == 0 &&
        decode(self, doc, &record) == 0)
        found = record_bytes(&record);
    free(record.bytes);
    return found;
}

static PyObject *Records_records(PyObject *object, PyObject *args)
{
    Records *self = (Records *)object;
    Decoded record = {0};
    Py_ssize_t first, end;
    PyObject *found;
    if (!PyArg_ParseTuple(args, "nn", &first, &end))
        return NULL;
    if (first < 0 || first > end || end > self->parents.size) {
        PyErr_SetString(PyExc_IndexError, "there are no such documents");
        return NULL;
    }
    found = PyList_New(end - first);
    for (Py_ssize_t doc = first; found && doc < end; doc++) {
        PyObject *one = decode(self, doc, &record) < 0 ? NULL : record_bytes(&record);
        if (!one || PyList_SetItem(found, doc - first, one) < 0)
            Py_CLEAR(found);
    }
    free(record.bytes);
    return found;
}

/* How many paragraphs an article has. */
static Py_ssize_t children_count(const Records *self, Py_ssize_t record)
{
    const Numbers *parents = &self->parents;
    Py_ssize_t low = record + 1, high = parents->size;
    if (high - low < 2 || number_at(parents, low + 1) != (uint64_t)record) /* as of most */
        return low < high && number_at(parents, low) == (uint64_t)record;
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        if (number_at(parents, middle) <= (uint64_t)record)
            low = middle + 1;
        else
            high = middle;
    }
    return low - record - 1;
}

/* The id of an article; None if its record has to be read as JSON. */
static PyObject *plain_id(const Decoded *record)
{
    const unsigned char *begin = record->bytes, *end;
    if (record->size < 2 || *begin != '"' || !(end = memchr(begin + 1, '"', record->size - 1)) ||
        memchr(begin, '\\', (size_t)(end - begin))) {
        Py_INCREF(Py_None);
        return Py_None;
    }
    return text_of(begin + 1, (size_t)(end - begin) - 1);
}

/* The line of a paragraph that is plain, LINE,"DIGEST" before its text, and where the digest ends;
   0 for others. */
static long long plain_head(const Decoded *record, size_t *digest, size_t *end)
{
    const unsigned char *bytes = record->bytes;
    size_t at = 0, size = record->size;
    long long line = 0;
    while (at < size && is_digit_byte(bytes[at]) && at < MOST_LINE_DIGITS)
        line = 10 * line + (bytes[at++] - '0');
    if (!at || bytes[0] == '0' || size - at < 2 || bytes[at] != ',' || bytes[at + 1] != '"')
        return 0;
    *digest = at += 2;
    while (at < size && (is_digit_byte(bytes[at]) || is_letter_byte(bytes[at])))
        at++;
    *end = at;
    if (at == *digest || size - at < 2 || bytes[at] != '"' || bytes[at + 1] != '\n')
        return 0;
    return line;
}

/* A named tuple of some values, which it takes; they may be NULL. */
static PyObject *named(PyObject *type, PyObject *values)
{
    newfunc make = (newfunc)PyType_GetSlot(&PyTuple_Type, Py_tp_new);
    PyObject *arguments = values ? PyTuple_Pack(1, values) : NULL, *found = NULL;
    if (arguments)
        found = make((PyTypeObject *)type, arguments, NULL);
    Py_XDECREF(arguments);
    Py_XDECREF(values);
    return found;
}

/* An article, and kept by its record; one that is not plain is asked for in Python. */
static PyObject *article_of(Records *self, Py_ssize_t doc, PyObject *key, Decoded *record,
                            PyObject *known, PyObject *otherwise)
{
    uint64_t language;
    PyObject *id, *source, *article;
    if (look_at_numbers(self, &self->sources, doc, 1) < 0 ||
        look_at_numbers(self, &self->languages, doc, 1) < 0 || decode(self, doc, record) < 0)
        return NULL;
    id = plain_id(record);
    if (!id)
        return NULL;
    language = number_at(&self->languages.numbers, doc);
    if (id == Py_None || language >= (uint64_t)PyTuple_Size(self->codes)) {
        Py_DECREF(id);
        return PyObject_CallFunctionObjArgs(otherwise, key, NULL);
    }
    source = PyObject_CallFunction(self->source_of, "K",
                                   (unsigned long long)number_at(&self->sources.numbers, doc));
    if (!source) {
        Py_DECREF(id);
        return NULL;
    }
    article = named(self->article_type,
                    Py_BuildValue("NNONn(OO)[]", record_bytes(record), id,
                                  PyTuple_GetItem(self->codes, (Py_ssize_t)language), source,
                                  children_count(self, doc), self->name, key));
    if (article && PyDict_SetItem(known, key, article) < 0)
        Py_CLEAR(article);
    return article;
}

/* A paragraph that was decoded and is plain; NULL without an exception for others. */
static PyObject *plain_paragraph(const Records *self, const Decoded *record, PyObject *article_id,
                                 Py_ssize_t number)
{
    size_t digest, end;
    long long line = plain_head(record, &digest, &end);
    PyObject *lines, *values;
    if (!line)
        return NULL;
    lines = named(self->lines_type, Py_BuildValue("LL", line, line));
    if (!lines)
        return NULL;
    values = Py_BuildValue("OnN()NNOO()", article_id, number,
                           text_of(record->bytes + digest, end - digest),
                           text_of(record->bytes + end + 2, record->size - end - 2), lines,
                           Py_None, self->kind);
    return named(self->paragraph_type, values);
}

/* A passage: its article, and its paragraph. */
static PyObject *passage_of(Records *self, PyObject *doc, Decoded *record, PyObject *known,
                            PyObject *other_article, PyObject *other_paragraph)
{
    Py_ssize_t at = PyLong_AsSsize_t(doc), parent;
    PyObject *key, *article, *id, *paragraph = NULL;
    if ((at == -1 && PyErr_Occurred()) || doc_check(self, at) < 0)
        return NULL;
    if (number_at(&self->parents, at) > (uint64_t)at) {
        damaged(at);
        return NULL;
    }
    parent = (Py_ssize_t)number_at(&self->parents, at);
    key = PyLong_FromSsize_t(parent);
    article = key ? PyDict_GetItemWithError(known, key) : NULL;
    Py_XINCREF(article);
    if (key && !article && !PyErr_Occurred())
        article = article_of(self, parent, key, record, known, other_article);
    Py_XDECREF(key);
    id = article ? PyTuple_GetItem(article, 1) : NULL;
    if (id && decode(self, at, record) == 0) {
        paragraph = plain_paragraph(self, record, id, at - parent);
        if (!paragraph && !PyErr_Occurred())
            paragraph = PyObject_CallFunctionObjArgs(other_paragraph, doc, id, NULL);
    }
    if (!paragraph) {
        Py_XDECREF(article);
        return NULL;
    }
    return Py_BuildValue("NN", article, paragraph);
}

static PyObject *Records_passages(PyObject *object, PyObject *args)
{
    Decoded record = {0};
    PyObject *docs, *known, *other_article, *other_paragraph, *found = NULL;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(args, "OO!OO", &docs, &PyDict_Type, &known, &other_article,
                          &other_paragraph))
        return NULL;
    size = PySequence_Size(docs);
    if (size >= 0)
        found = PyList_New(size);
    for (Py_ssize_t at = 0; found && at < size; at++) {
        PyObject *doc = PySequence_GetItem(docs, at), *one = NULL;
        if (doc)
            one = passage_of((Records *)object, doc, &record, known, other_article,
                             other_paragraph);
        Py_XDECREF(doc);
        if (!one || PyList_SetItem(found, at, one) < 0)
            Py_CLEAR(found);
    }
    free(record.bytes);
    return found;
}

static void Records_dealloc(PyObject *object)
{
    Records *self = (Records *)object;
    PyTypeObject *type = Py_TYPE(object);
    numbers_release(&self->parents);
    numbers_release(&self->offsets.numbers);
    numbers_release(&self->stored.numbers);
    numbers_release(&self->sources.numbers);
    numbers_release(&self->languages.numbers);
    numbers_release(&self->words);
    numbers_release(&self->word_offsets);
    pages_release(&self->pages);
    Py_XDECREF(self->lines_type);
    Py_XDECREF(self->paragraph_type);
    Py_XDECREF(self->kind);
    Py_XDECREF(self->article_type);
    Py_XDECREF(self->codes);
    Py_XDECREF(self->source_of);
    Py_XDECREF(self->name);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

static PyObject *Records_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *parents, *offsets, *stored, *sources, *languages, *words, *word_offsets;
    PyObject *data, *checksums, *seen, *look_at, *object;
    PyObject *lines_type, *paragraph_type, *kind, *article_type, *codes, *source_of, *name;
    unsigned long long offsets_at, stored_at, sources_at, languages_at;
    Py_ssize_t count;
    Records *self;
    if (kwargs && PyDict_Size(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "Records() takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "O(OK)(OK)(OK)(OK)OO(OOOO)(O!O!O)(O!O!OO)", &parents, &offsets, &offsets_at,
                          &stored, &stored_at, &sources, &sources_at, &languages, &languages_at,
                          &words, &word_offsets, &data, &checksums, &seen, &look_at,
                          &PyType_Type, &lines_type, &PyType_Type, &paragraph_type, &kind,
                          &PyType_Type, &article_type, &PyTuple_Type, &codes, &source_of, &name))
        return NULL;
    object = ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!object)
        return NULL;
    self = (Records *)object;
    Py_INCREF(lines_type);
    Py_INCREF(paragraph_type);
    Py_INCREF(kind);
    Py_INCREF(article_type);
    Py_INCREF(codes);
    Py_INCREF(source_of);
    Py_INCREF(name);
    self->lines_type = lines_type;
    self->paragraph_type = paragraph_type;
    self->kind = kind;
    self->article_type = article_type;
    self->codes = codes;
    self->source_of = source_of;
    self->name = name;
    if (!PyType_IsSubtype((PyTypeObject *)lines_type, &PyTuple_Type) ||
        !PyType_IsSubtype((PyTypeObject *)paragraph_type, &PyTuple_Type) ||
        !PyType_IsSubtype((PyTypeObject *)article_type, &PyTuple_Type)) {
        PyErr_SetString(PyExc_TypeError, "these are no named tuples");
        goto failed;
    }
    self->offsets.start = offsets_at;
    self->stored.start = stored_at;
    self->sources.start = sources_at;
    self->languages.start = languages_at;
    if (pages_take(&self->pages, data, checksums, seen, look_at) < 0 ||
        numbers_take(&self->parents, parents) < 0 ||
        numbers_take(&self->offsets.numbers, offsets) < 0 ||
        numbers_take(&self->stored.numbers, stored) < 0 ||
        numbers_take(&self->sources.numbers, sources) < 0 ||
        numbers_take(&self->languages.numbers, languages) < 0 ||
        numbers_take(&self->words, words) < 0 ||
        numbers_take(&self->word_offsets, word_offsets) < 0)
        goto failed;
    count = self->parents.size;
    if (self->offsets.numbers.size - 1 != count || self->sources.numbers.size != count ||
        self->languages.numbers.size != count || self->stored.numbers.width != 1 ||
        self->words.width != 1) {
        PyErr_SetString(PyExc_ValueError, "the arrays do not fit the documents");
        goto failed;
    }
    return object;
failed:
    Py_DECREF(object);
    return NULL;
}

static PyMethodDef Records_methods[] = {
    {"record", Records_record, METH_O,
     PyDoc_STR("record($self, doc, /)\n--\n\nReturn the record of a document.")},
    {"records", Records_records, METH_VARARGS,
     PyDoc_STR("records($self, first, end, /)\n--\n\nReturn the records of some documents.")},
    {"passages", Records_passages, METH_VARARGS,
     PyDoc_STR("passages($self, docs, known, other_article, other_paragraph, /)\n--\n\n"
               "Return some paragraphs, each with its article.")},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot Records_slots[] = {
    {Py_tp_new, Records_new},
    {Py_tp_dealloc, Records_dealloc},
    {Py_tp_methods, Records_methods},
    {Py_tp_doc, "The records of a segment."},
    {0, NULL},
};
static PyType_Spec Records_spec = {
    "indexer.storage.passages.Records", sizeof(Records), 0, Py_TPFLAGS_DEFAULT, Records_slots,
};

#endif
