/* The terms of a lexicon that are spelt much like a word; ``near`` has the same in Python.
 *
 * Terms are kept by their sizes, each with the set of its letters, which tells nearly all that are
 * not near; see ``spellings``. The rest are compared letter by letter (optimal string alignment).
 */

#ifndef PASSAGES_SPELLINGS_H
#define PASSAGES_SPELLINGS_H

#include "../../../indexer/numbers.h"

enum { FARTHEST = 2, TOO_FAR = FARTHEST + 1, BAND = 2 * FARTHEST + 1 };
enum { LONGEST_WORD = 64, LONGEST_NEAR = LONGEST_WORD + FARTHEST, KINDS = 32 };

typedef struct {
    PyObject_HEAD
    uint64_t *letters; /* by term in the order of their sizes, see with_letter() */
    uint32_t *places;  /* and where it stands in the lexicon */
    Py_ssize_t first[LONGEST_NEAR + 2]; /* by size, where its terms begin in that order */
} Spellings;

static PyTypeObject *Spellings_Type;

/* The terms as they stand in a file. */
typedef struct {
    Numbers bytes, offsets;
} Terms;

typedef struct {
    const unsigned char *bytes;
    Py_ssize_t size;
} Term;

static int terms_take(Terms *terms, PyObject *bytes, PyObject *offsets)
{
    memset(terms, 0, sizeof *terms);
    if (numbers_take(&terms->bytes, bytes) < 0 || numbers_take(&terms->offsets, offsets) < 0)
        return -1;
    if (terms->bytes.width == 1 && terms->offsets.size > 0 &&
        (uint64_t)terms->offsets.size < UINT32_MAX)
        return 0;
    PyErr_SetString(PyExc_ValueError, "these are no terms");
    return -1;
}

static void terms_release(Terms *terms)
{
    numbers_release(&terms->bytes);
    numbers_release(&terms->offsets);
}

/* The term at a place; whether it is there. */
static int term_at(const Terms *terms, Py_ssize_t place, Term *term)
{
    uint64_t start = number_at(&terms->offsets, place), end = number_at(&terms->offsets, place + 1);
    if (start > end || end > (uint64_t)terms->bytes.size)
        return 0;
    term->bytes = terms->bytes.bytes + start;
    term->size = (Py_ssize_t)(end - start);
    return 1;
}

/* A set of letters with one more: for each kind, whether there is one, and whether there are two.
   Kinds are told by the last bits, which in UTF-8 are those of the last byte. */
static inline uint64_t with_letter(uint64_t letters, unsigned last)
{
    uint64_t bit = (uint64_t)1 << (last & (KINDS - 1));
    return letters | (letters & bit) << KINDS | bit;
}

static inline int goes_on(unsigned byte)
{
    return (byte & 0xc0) == 0x80;
}

/* The letters of a term, and how many they are. */
static uint64_t letters_of(const Term *term, Py_ssize_t *size)
{
    uint64_t letters = 0;
    *size = 0;
    for (Py_ssize_t at = 0; at < term->size; at++) {
        *size += !goes_on(term->bytes[at]);
        if (at + 1 == term->size || !goes_on(term->bytes[at + 1]))
            letters = with_letter(letters, term->bytes[at]);
    }
    return letters;
}

/* Put terms in the order of their sizes; returns the place of one that is not there, else -1. */
static Py_ssize_t spellings_sort(Spellings *self, const Terms *terms)
{
    Py_ssize_t count = terms->offsets.size - 1, next[LONGEST_NEAR + 1], size;
    Term term;
    for (Py_ssize_t place = 0; place < count; place++) {
        if (!term_at(terms, place, &term))
            return place;
        letters_of(&term, &size);
        if (size <= LONGEST_NEAR)
            self->first[size + 1]++;
    }
    for (size = 0; size <= LONGEST_NEAR; size++) {
        next[size] = self->first[size];
        self->first[size + 1] += self->first[size];
    }
    for (Py_ssize_t place = 0; place < count; place++) {
        uint64_t letters;
        if (!term_at(terms, place, &term))
            return place;
        letters = letters_of(&term, &size);
        /* A file that changes meanwhile is no reason to write elsewhere. */
        if (size <= LONGEST_NEAR && next[size] < self->first[size + 1]) {
            self->letters[next[size]] = letters;
            self->places[next[size]++] = (uint32_t)place;
        }
    }
    return -1;
}

static PyObject *Spellings_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *bytes, *offsets, *object = NULL;
    Spellings *self;
    Terms terms;
    Py_ssize_t wrong = -1;
    if (kwargs && PyDict_Size(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "Spellings() takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "OO", &bytes, &offsets))
        return NULL;
    if (terms_take(&terms, bytes, offsets) < 0 ||
        !(object = ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0)))
        goto done;
    self = (Spellings *)object;
    self->letters = calloc((size_t)terms.offsets.size, sizeof *self->letters);
    self->places = calloc((size_t)terms.offsets.size, sizeof *self->places);
    if (!self->letters || !self->places) {
        PyErr_NoMemory();
        Py_CLEAR(object);
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    wrong = spellings_sort(self, &terms);
    Py_END_ALLOW_THREADS
    if (wrong >= 0) {
        PyErr_Format(PyExc_ValueError, "the term %zd is not there", wrong);
        Py_CLEAR(object);
    }
done:
    terms_release(&terms);
    return object;
}

static void Spellings_dealloc(PyObject *object)
{
    Spellings *self = (Spellings *)object;
    PyTypeObject *type = Py_TYPE(object);
    free(self->letters);
    free(self->places);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

/* A word that is looked for, and at most how many edits away. */
typedef struct {
    Py_UCS4 letters[LONGEST_WORD];
    int size, distance;
} Spelling;

/* The letter of UTF-8 at a place, and how many bytes it takes; 0 where there is none. */
static int letter_at(const Term *term, Py_ssize_t at, Py_UCS4 *letter)
{
    unsigned first = term->bytes[at];
    int width = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (first > 0xf4 || width > term->size - at)
        return 0;
    *letter = width < 2 ? first : first & (0xffu >> (width + 1));
    for (int next = 1; next < width; next++) {
        if (!goes_on(term->bytes[at + next]))
            return 0;
        *letter = *letter << 6 | (term->bytes[at + next] & 0x3f);
    }
    return width;
}

static inline int least(int one, int other)
{
    return one < other ? one : other;
}

/* Whether a term is near a word: 1 or 0, -1 if it is no text. A row is how many edits the letters
   read are from the starts of the word that are about as long. */
static int is_near(const Spelling *word, const Term *term)
{
    int rows[3][BAND + 1], distance = word->distance, depth = 0, last;
    int *row = rows[0], *before = rows[1], *before_that = rows[2];
    Py_UCS4 letter, previous = 0;
    for (int at = 0; at <= BAND; at++) {
        int start = at - distance;
        row[at] = start < 0 || start > distance ? TOO_FAR : start;
        before[at] = before_that[at] = TOO_FAR;
    }
    for (Py_ssize_t at = 0; at < term->size; previous = letter) {
        int width = letter_at(term, at, &letter), nearest = TOO_FAR, *free_row = before_that;
        if (!width)
            return -1;
        at += width;
        before_that = before;
        before = row;
        row = free_row;
        depth++;
        for (int place = 0; place <= 2 * distance; place++) {
            int start = depth - distance + place, edits = TOO_FAR;
            if (start >= 0 && start <= word->size) {
                edits = before[place + 1] + 1; /* the letter was put in */
                if (start > 0)
                    edits = least(edits, before[place] + (letter != word->letters[start - 1]));
                if (start > 0 && place > 0) /* one of the word is left out */
                    edits = least(edits, row[place - 1] + 1);
                if (start > 1 && depth > 1 && letter == word->letters[start - 2] &&
                    previous == word->letters[start - 1]) /* they have changed places */
                    edits = least(edits, before_that[place] + 1);
            }
            row[place] = least(edits, TOO_FAR);
            nearest = least(nearest, row[place]);
        }
        row[2 * distance + 1] = TOO_FAR;
        if (nearest > distance)
            return 0;
    }
    last = word->size - depth + distance;
    return last >= 0 && last <= 2 * distance && row[last] <= distance;
}

static inline int has_more_than(uint64_t bits, int number)
{
    while (number-- > 0)
        bits &= bits - 1;
    return bits != 0;
}

/* Keep the places of what is near among terms in the order of their sizes; returns the place of one
   that makes no sense, else -1. */
static Py_ssize_t spellings_sift(const Spellings *self, const Terms *terms, const Spelling *word,
                                 Py_ssize_t begin, Py_ssize_t end, uint32_t *found,
                                 Py_ssize_t *number)
{
    uint64_t wanted = 0;
    for (int at = 0; at < word->size; at++)
        wanted = with_letter(wanted, word->letters[at]);
    for (Py_ssize_t at = begin; at < end; at++) {
        uint64_t own = self->letters[at];
        Py_ssize_t place;
        Term term;
        int near;
        if (has_more_than(own & ~wanted, word->distance) ||
            has_more_than(wanted & ~own, word->distance))
            continue;
        place = self->places[at];
        if (place >= terms->offsets.size - 1 || !term_at(terms, place, &term) ||
            (near = is_near(word, &term)) < 0)
            return place;
        if (near)
            found[(*number)++] = (uint32_t)place;
    }
    return -1;
}

static int spelling_read(Spelling *word, PyObject *text)
{
    Py_ssize_t size = PyUnicode_GetLength(text);
    if (size < 0)
        return -1;
    if (size > LONGEST_WORD || word->distance < 1 || word->distance > FARTHEST) {
        PyErr_SetString(PyExc_ValueError, "a word is too long, or too far away, to look for");
        return -1;
    }
    word->size = (int)size;
    return size && !PyUnicode_AsUCS4(text, word->letters, LONGEST_WORD, 0) ? -1 : 0;
}

static PyObject *Spellings_near(PyObject *object, PyObject *args)
{
    Spellings *self = (Spellings *)object;
    PyObject *bytes, *offsets, *text, *places = NULL;
    Py_ssize_t begin, end, number = 0, wrong = -1;
    uint32_t *found = NULL;
    Spelling word;
    Terms terms;
    if (!PyArg_ParseTuple(args, "OOUi", &bytes, &offsets, &text, &word.distance) ||
        spelling_read(&word, text) < 0)
        return NULL;
    if (terms_take(&terms, bytes, offsets) < 0)
        goto done;
    begin = self->first[word.size > word.distance ? word.size - word.distance : 0];
    end = self->first[word.size + word.distance + 1];
    found = malloc((size_t)(end - begin + 1) * sizeof *found);
    if (!found) {
        PyErr_NoMemory();
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    wrong = spellings_sift(self, &terms, &word, begin, end, found, &number);
    Py_END_ALLOW_THREADS
    if (wrong >= 0) {
        PyErr_Format(PyExc_ValueError, "the term %zd makes no sense", wrong);
        goto done;
    }
    places = PyList_New(number);
    for (Py_ssize_t at = 0; places && at < number; at++) {
        PyObject *place = PyLong_FromUnsignedLong(found[at]);
        if (!place || PyList_SetItem(places, at, place) < 0)
            Py_CLEAR(places);
    }
    if (places && PyList_Sort(places) < 0)
        Py_CLEAR(places);
done:
    free(found);
    terms_release(&terms);
    return places;
}

static PyMethodDef Spellings_methods[] = {
    {"near", Spellings_near, METH_VARARGS, "The places of terms spelt much like a word."},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot Spellings_slots[] = {
    {Py_tp_new, Spellings_new},
    {Py_tp_dealloc, Spellings_dealloc},
    {Py_tp_methods, Spellings_methods},
    {Py_tp_doc, "The sizes and the letters of the terms of a lexicon."},
    {0, NULL},
};
static PyType_Spec Spellings_spec = {
    "search.backends.kernels.compiled.Spellings", sizeof(Spellings), 0, Py_TPFLAGS_DEFAULT,
    Spellings_slots,
};

#endif
