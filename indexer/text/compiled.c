/* Texts -> items -> terms with their positions; the twin of ``items`` and ``counting``, in C.

Where this is not compiled those do the same. Numbers come and go as buffers of int32.
*/

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include "../seeds.h"
#include "names.h"
#include "order.h"
#include "tokens.h"

static size_t
names_bytes(const Names *names)
{
    return (names->mask + 1) * sizeof *names->slots + names->bytes_room
        + names->room * (sizeof *names->starts + sizeof *names->hashes);
}

/* The number of a name that is known, else -1. */
static int64_t
known_number(const Names *names, const char *name, size_t size)
{
    return (int64_t)names->slots[slot_of(names, hash_of(names, name, size), name, size)].number - 1;
}

#define WIDEST_WORD 16
#define MOST_SIGNS 256
#define RECENT_BITS 15
#define TEXT_GAP 100 /* as ``inverting`` has it */

enum { SPACE = 1, WORD, MARK, BEGINNER, PLUS, SHARP, LOW, OTHER };

static unsigned char CLASSES[256];
static char LOWER[256];

static void
make_classes(void)
{
    int c;
    for (c = 0; c < 256; c++) {
        LOWER[c] = lower((char)c);
        CLASSES[c] = c >= 128 ? OTHER
            : c == '_' ? LOW
            : is_word((char)c) ? WORD
            : c == ' ' || (c >= 9 && c <= 13) || (c >= 28 && c <= 31) ? SPACE
            : c == '\'' || c == '&' || c == ',' ? MARK
            : c == '.' || c == '@' ? BEGINNER
            : c == '+' ? PLUS
            : c == '#' ? SHARP
            : 0;
    }
}

/* Buffers */

typedef struct {
    Py_buffer view;
    const int32_t *numbers;
    Py_ssize_t count;
} Numbers;

/* Take an argument that holds numbers of 32 bits; 0 with an exception if it does not. */
static int
take_numbers(PyObject *from, Numbers *to)
{
    if (PyObject_GetBuffer(from, &to->view, PyBUF_SIMPLE) < 0)
        return 0;
    if (to->view.len % 4 || (to->view.len && (uintptr_t)to->view.buf % 4)) {
        PyBuffer_Release(&to->view);
        to->view.obj = NULL;
        PyErr_SetString(PyExc_ValueError, "numbers of 32 bits are wanted");
        return 0;
    }
    to->numbers = to->view.buf;
    to->count = to->view.len / 4;
    return 1;
}

static void
release(Numbers *numbers)
{
    if (numbers->view.obj)
        PyBuffer_Release(&numbers->view);
}

/* A bytes object for so many numbers of 32 bits, and where they go. */
static PyObject *
room_for(Py_ssize_t count, int32_t **numbers)
{
    PyObject *room;
    if (count > PY_SSIZE_T_MAX / 4)
        return PyErr_NoMemory();
    room = PyBytes_FromStringAndSize(NULL, count * 4);
    if (room)
        *numbers = (int32_t *)(void *)PyBytes_AsString(room);
    return room;
}

static PyObject *
refused(const char *why)
{
    PyErr_SetString(PyExc_ValueError, why);
    return NULL;
}

/* Terms */

typedef struct {
    PyObject_HEAD
    Names names;
    int is_busy;
} Terms;

static PyTypeObject *TermsType;

/* One thread at a time: calls let others run. */
static int
begin(Terms *terms)
{
    if (terms->is_busy) {
        PyErr_SetString(PyExc_RuntimeError, "another thread uses these terms");
        return 0;
    }
    terms->is_busy = 1;
    return 1;
}

static PyObject *
terms_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Terms *self;
    (void)keywords;
    if (!PyArg_ParseTuple(args, ""))
        return NULL;
    self = (Terms *)alloc(type, 0);
    if (self && !names_begin(&self->names, new_seed(), MANY_NAMES)) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    return (PyObject *)self;
}

static void
terms_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    freefunc free_self = (freefunc)PyType_GetSlot(type, Py_tp_free);
    names_end(&((Terms *)self)->names);
    free_self(self);
    Py_DECREF(type);
}

static Py_ssize_t
terms_len(PyObject *self)
{
    return (Py_ssize_t)((Terms *)self)->names.count;
}

/* The number of a term, -1 with an exception if there is none. */
static int64_t
number_of_object(Terms *self, PyObject *term)
{
    char *name;
    Py_ssize_t size;
    int64_t number;
    if (PyBytes_AsStringAndSize(term, &name, &size) < 0)
        return -1;
    number = number_of(&self->names, name, (size_t)size);
    if (number < 0)
        PyErr_NoMemory();
    return number;
}

/* The same for a term or its text. */
static int64_t
number_of_either(Terms *self, PyObject *term)
{
    Py_ssize_t size;
    const char *text;
    PyObject *raw;
    int64_t number;
    if (!PyUnicode_Check(term))
        return number_of_object(self, term);
    text = PyUnicode_AsUTF8AndSize(term, &size);
    if (text) {
        number = number_of(&self->names, text, (size_t)size);
        if (number < 0)
            PyErr_NoMemory();
        return number;
    }
    PyErr_Clear();
    raw = PyUnicode_AsEncodedString(term, "utf-8", "surrogatepass");
    if (!raw)
        return -1;
    number = number_of_object(self, raw);
    Py_DECREF(raw);
    return number;
}

static PyObject *
terms_number(PyObject *self, PyObject *term)
{
    int64_t number;
    if (!begin((Terms *)self))
        return NULL;
    number = number_of_object((Terms *)self, term);
    ((Terms *)self)->is_busy = 0;
    return number < 0 ? NULL : PyLong_FromLongLong(number);
}

static PyObject *
terms_numbers(PyObject *self, PyObject *terms)
{
    PyObject *all = PySequence_Tuple(terms), *room = NULL;
    Py_ssize_t place, count;
    int32_t *numbers = NULL;
    if (!all || !begin((Terms *)self)) {
        Py_XDECREF(all);
        return NULL;
    }
    count = PyTuple_Size(all);
    room = room_for(count, &numbers);
    for (place = 0; room && place < count; place++) {
        int64_t number = number_of_either((Terms *)self, PyTuple_GetItem(all, place));
        if (number < 0)
            Py_CLEAR(room);
        else
            numbers[place] = (int32_t)number;
    }
    ((Terms *)self)->is_busy = 0;
    Py_DECREF(all);
    return room;
}

static PyObject *
terms_named(PyObject *self, PyObject *argument)
{
    Names *names = &((Terms *)self)->names;
    Numbers wanted = {0};
    PyObject *found = NULL;
    Py_ssize_t place;
    if (!take_numbers(argument, &wanted))
        return NULL;
    if (begin((Terms *)self)) {
        found = PyList_New(wanted.count);
        for (place = 0; found && place < wanted.count; place++) {
            PyObject *name = NULL;
            const char *bytes;
            size_t size;
            if (wanted.numbers[place] < 0 || (size_t)wanted.numbers[place] >= names->count) {
                PyErr_SetString(PyExc_IndexError, "no term has that number");
            } else {
                bytes = name_at(names, (size_t)wanted.numbers[place], &size);
                name = PyBytes_FromStringAndSize(bytes, (Py_ssize_t)size);
            }
            if (!name || PyList_SetItem(found, place, name) < 0)
                Py_CLEAR(found);
        }
        ((Terms *)self)->is_busy = 0;
    }
    release(&wanted);
    return found;
}

/* Put names one behind the other, with where they were and their sizes. */
static void
put_names(const Ordered *names, Py_ssize_t count, char *raw, int32_t *order, int32_t *sizes)
{
    Py_ssize_t place;
    for (place = 0; place < count; place++) {
        if (names[place].size)
            memcpy(raw, names[place].bytes, names[place].size);
        raw += names[place].size;
        order[place] = names[place].place;
        sizes[place] = (int32_t)names[place].size;
    }
}

static PyObject *
terms_sorted(PyObject *self, PyObject *argument)
{
    Names *names = &((Terms *)self)->names;
    Numbers wanted = {0};
    PyObject *raw = NULL, *order = NULL, *sizes = NULL, *answer = NULL;
    int32_t *places = NULL, *own_sizes = NULL;
    Ordered *own = NULL, *other = NULL;
    size_t total = 0;
    Py_ssize_t place;
    if (!take_numbers(argument, &wanted))
        return NULL;
    if (!begin((Terms *)self)) {
        release(&wanted);
        return NULL;
    }
    own = calloc((size_t)wanted.count + 1, sizeof *own);
    other = calloc((size_t)wanted.count + 1, sizeof *other);
    if (!own || !other)
        PyErr_NoMemory();
    for (place = 0; !PyErr_Occurred() && place < wanted.count; place++) {
        int32_t number = wanted.numbers[place];
        if (number < 0 || (size_t)number >= names->count) {
            PyErr_SetString(PyExc_IndexError, "no term has that number");
        } else {
            size_t size;
            const char *bytes = name_at(names, (size_t)number, &size);
            order_begin(own + place, bytes, size, (int32_t)place);
            total += size;
            if (size > INT32_MAX || place >= INT32_MAX || total > PY_SSIZE_T_MAX)
                PyErr_NoMemory();
        }
    }
    if (!PyErr_Occurred()) {
        raw = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)total);
        order = room_for(wanted.count, &places);
        sizes = room_for(wanted.count, &own_sizes);
    }
    if (raw && order && sizes) {
        char *to = PyBytes_AsString(raw);
        Py_BEGIN_ALLOW_THREADS
        order_all(own, other, (size_t)wanted.count);
        put_names(own, wanted.count, to, places, own_sizes);
        Py_END_ALLOW_THREADS
        answer = PyTuple_Pack(3, order, raw, sizes);
    }
    ((Terms *)self)->is_busy = 0;
    free(own);
    free(other);
    Py_XDECREF(raw);
    Py_XDECREF(order);
    Py_XDECREF(sizes);
    release(&wanted);
    return answer;
}

static PyObject *
terms_size_bytes(PyObject *self, void *closure)
{
    (void)closure;
    return PyLong_FromSize_t(names_bytes(&((Terms *)self)->names));
}

static PyMethodDef terms_methods[] = {
    {"numbers", terms_numbers, METH_O, "The numbers of terms, which may be new, as int32."},
    {"named", terms_named, METH_O, "The terms that have some numbers, given as int32."},
    {"sorted", terms_sorted, METH_O, "The terms that have some numbers, in their order."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef terms_getset[] = {
    {"size_bytes", terms_size_bytes, NULL, "How much memory they take.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot terms_slots[] = {
    {Py_tp_doc, "A number for every term, from 0 in the order they were first asked for."},
    {Py_tp_new, terms_new},
    {Py_tp_dealloc, terms_dealloc},
    {Py_mp_length, terms_len},
    {Py_mp_subscript, terms_number},
    {Py_tp_methods, terms_methods},
    {Py_tp_getset, terms_getset},
    {0, NULL},
};

static PyType_Spec terms_spec = {
    "indexer.text.compiled.Terms", sizeof(Terms), 0, Py_TPFLAGS_DEFAULT, terms_slots,
};

/* Items */

typedef struct {
    uint32_t exact, exact_count;   /* entries */
    uint32_t ranked, ranked_count; /* entries; terms below 0 are ~ those of pairs */
    uint32_t width;
    uint32_t words, stops, stop_count;
} Item;

/* A word by its letters, 16 at most, and the item it is; 0: none. The words that come most often are
   found here, without a look at all that is known. */
typedef struct {
    uint64_t low, high;
    uint32_t item;
} Recent;

typedef struct {
    PyObject_HEAD
    Terms *terms;
    Names texts;
    Recent *recent;
    Item *items;
    size_t item_count, items_room;
    Entries entries;
    Entries wholes; /* of a piece that is being made */
    Names stop_words;
    Names signs;                           /* that mean the same to tokens as one of ASCII */
    char simple[MOST_SIGNS];               /* which one, by the number of a sign */
    int32_t *stops;
    size_t stops_used, stops_room;
} Items;

/* Number names that are all different; 0 with an exception if they are not. */
static int
take_names(Names *to, PyObject *names)
{
    Py_ssize_t place, size;
    char *name;
    for (place = 0; place < PyTuple_Size(names); place++) {
        if (PyBytes_AsStringAndSize(PyTuple_GetItem(names, place), &name, &size) < 0)
            return 0;
        if (number_of(to, name, (size_t)size) != place) {
            refused("a name comes twice");
            return 0;
        }
    }
    return 1;
}

static PyObject *
items_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    PyObject *terms, *stop_words, *signs, *others;
    Items *self;
    Py_ssize_t place, size = 0;
    uint64_t seed = new_seed();
    char *simple = NULL;
    (void)keywords;
    if (!PyArg_ParseTuple(args, "O!O!O!S", TermsType, &terms, &PyTuple_Type, &stop_words,
                          &PyTuple_Type, &signs, &others))
        return NULL;
    self = (Items *)alloc(type, 0);
    if (!self)
        return NULL;
    self->terms = (Terms *)terms;
    Py_INCREF(terms);
    self->recent = calloc((size_t)1 << RECENT_BITS, sizeof *self->recent);
    if (!self->recent || !names_begin(&self->texts, seed, MANY_NAMES)
        || !names_begin(&self->stop_words, seed, MANY_NAMES)
        || !names_begin(&self->signs, seed, MANY_NAMES))
        PyErr_NoMemory();
    if (!PyErr_Occurred()
        && (PyBytes_AsStringAndSize(others, &simple, &size) < 0
            || size != PyTuple_Size(signs) || size > MOST_SIGNS))
        refused("each sign means one other");
    if (!PyErr_Occurred() && take_names(&self->stop_words, stop_words)
        && take_names(&self->signs, signs))
        for (place = 0; place < size; place++)
            self->simple[place] = (char)(simple[place] & 0x7F);
    if (PyErr_Occurred()) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void
items_dealloc(PyObject *object)
{
    Items *self = (Items *)object;
    PyTypeObject *type = Py_TYPE(object);
    freefunc free_self = (freefunc)PyType_GetSlot(type, Py_tp_free);
    names_end(&self->texts);
    names_end(&self->stop_words);
    names_end(&self->signs);
    free(self->items);
    free(self->recent);
    free(self->entries.entries);
    free(self->wholes.entries);
    free(self->stops);
    Py_XDECREF((PyObject *)self->terms);
    free_self(object);
    Py_DECREF(type);
}

static Py_ssize_t
items_len(PyObject *self)
{
    return (Py_ssize_t)((Items *)self)->item_count;
}

static int
add_stop(Items *self, int64_t stop)
{
    if (!grown((void **)&self->stops, &self->stops_room, self->stops_used + 1,
               sizeof *self->stops))
        return 0;
    self->stops[self->stops_used++] = (int32_t)stop;
    return 1;
}

/* The words of a piece of ASCII, and which of them are stop words. */
static int
count_words(Items *self, Item *item, const char *piece, size_t size)
{
    char word[LONGEST_PIECE];
    size_t at = 0, own;
    while (at < size) {
        for (own = 0; at < size && is_letter(piece[at]); at++)
            word[own++] = lower(piece[at]);
        if (own) {
            int64_t stop = known_number(&self->stop_words, word, own);
            item->words++;
            if (stop >= 0) {
                if (!add_stop(self, stop))
                    return 0;
                item->stop_count++;
            }
        } else {
            at++;
        }
    }
    return 1;
}

/* Take an item whose text was given the next number. */
static Item *
new_item(Items *self)
{
    Item *item;
    if (self->entries.count > UINT32_MAX / 2 || self->stops_used > UINT32_MAX / 2
        || !grown((void **)&self->items, &self->items_room, self->texts.count, sizeof *item))
        return NULL;
    /* Where there was no memory for one that came before, it has no terms. */
    memset(self->items + self->item_count, 0,
           (self->texts.count - self->item_count) * sizeof *item);
    self->item_count = self->texts.count;
    item = self->items + self->item_count - 1;
    item->exact = item->ranked = (uint32_t)self->entries.count;
    item->stops = (uint32_t)self->stops_used;
    return item;
}

/* The number of a word, -1 without memory. */
static int64_t
item_of_word(Items *self, const char *word, size_t size)
{
    size_t known = self->texts.count, at;
    int64_t number = number_of(&self->texts, word, size);
    char folded[WIDEST_WORD];
    Item *item;
    if (number < 0 || self->texts.count == known)
        return number;
    item = new_item(self);
    for (at = 0; at < size; at++)
        folded[at] = lower(word[at]);
    if (!item || !add_entry(&self->entries, number_of(&self->terms->names, folded, size), 0))
        return -1;
    item->exact_count = item->ranked_count = item->width = 1;
    return count_words(self, item, word, size) ? number : -1;
}

/* The same for a word as it stands, whose letters count in small ones if is_lower. */
static int64_t
item_of_letters(Items *self, const char *letters, size_t size, int is_lower)
{
    char word[WIDEST_WORD];
    uint64_t low = 0, high = 0;
    size_t at;
    int64_t number;
    Recent *recent;
    for (at = 0; at < size; at++) {
        word[at] = is_lower ? LOWER[(unsigned char)letters[at]] : letters[at];
        if (at < 8)
            low |= (uint64_t)(unsigned char)word[at] << (8 * at);
        else
            high |= (uint64_t)(unsigned char)word[at] << (8 * (at - 8));
    }
    recent = self->recent
        + (((low ^ high * UINT64_C(0xC2B2AE3D27D4EB4F)) * UINT64_C(0x9E3779B97F4A7C15))
           >> (64 - RECENT_BITS));
    if (recent->item && recent->low == low && recent->high == high)
        return (int64_t)recent->item - 1;
    number = item_of_word(self, word, size);
    /* First come, first kept: what is frequent comes early. */
    if (number >= 0 && !recent->item) {
        recent->low = low;
        recent->high = high;
        recent->item = (uint32_t)number + 1;
    }
    return number;
}

/* What is to be returned of texts. */
typedef struct {
    int32_t *items;
    size_t count, room;
    int32_t *unknown; /* items that only Python can tell the terms of */
    size_t unknown_count, unknown_room;
} Found;

static int
append(int32_t **numbers, size_t *count, size_t *room, int64_t number)
{
    if (number < 0 || !grown((void **)numbers, room, *count + 1, sizeof **numbers))
        return 0;
    (*numbers)[(*count)++] = (int32_t)number;
    return 1;
}

/* How many bytes a character of UTF-8 has. */
static size_t
character_size(unsigned char first)
{
    return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* A piece of ASCII that has the same tokens and words, and its size; 0 if there is none. */
static size_t
simpler(const Items *self, const char *piece, size_t size, char *simple)
{
    size_t at = 0, count = 0, own;
    int64_t sign;
    for (; at < size; at += own) {
        own = character_size((unsigned char)piece[at]);
        if (own == 1) {
            simple[count++] = piece[at];
            continue;
        }
        sign = own <= size - at ? known_number(&self->signs, piece + at, own) : -1;
        if (sign < 0)
            return 0;
        simple[count++] = self->simple[sign];
    }
    return count;
}

static int64_t
item_of_piece(Items *self, const char *piece, size_t size, int is_ascii, Found *found)
{
    size_t known = self->texts.count, at, end, place;
    int64_t number = number_of(&self->texts, piece, size), width = 0;
    Entries *wholes = &self->wholes;
    char simple[LONGEST_PIECE];
    Item *item;
    if (number < 0 || self->texts.count == known)
        return number;
    item = new_item(self);
    if (!item)
        return -1;
    if (!is_ascii && size <= LONGEST_PIECE) {
        size_t own = simpler(self, piece, size, simple);
        if (own) {
            piece = simple;
            size = own;
            is_ascii = 1;
        }
    }
    if (!is_ascii || size > LONGEST_PIECE)
        return append(&found->unknown, &found->unknown_count, &found->unknown_room, number)
            ? number
            : -1;
    wholes->count = 0;
    for (at = 0; at < size; at = end > at ? end : at + 1) {
        end = token_end(piece, at, size);
        if (end > at
            && !add_token(&self->terms->names, piece + at, end - at, &width, &self->entries,
                          wholes))
            return -1;
    }
    item->ranked_count = (uint32_t)(self->entries.count - item->ranked);
    for (place = 0; place < wholes->count; place++)
        if (!add_entry(&self->entries, wholes->entries[place].term,
                       wholes->entries[place].offset))
            return -1;
    item->exact_count = (uint32_t)(self->entries.count - item->exact);
    item->width = (uint32_t)width;
    return count_words(self, item, piece, size) ? number : -1;
}

/* Whether a byte makes more than plain words of the piece it stands in, by the classes of it and
   of its neighbours. */
static int
is_odd(int before, int own, int after)
{
    switch (own) {
    case OTHER:
        return 1;
    case MARK:
        return before == WORD && after == WORD;
    case BEGINNER:
        return after == WORD;
    case PLUS:
        return before == WORD;
    case SHARP:
        return before == WORD || after == WORD;
    case LOW:
        return (before == WORD && after == WORD) || before >= MARK || after >= MARK;
    default:
        return 0;
    }
}

/* Add the items of a text; 0 without memory. */
static int
find_items(Items *self, const char *text, size_t size, int is_lower, Found *found)
{
    size_t at = 0, start, place, run;
    int odd, ascii, before, own;
    while (at < size) {
        if (CLASSES[(unsigned char)text[at]] == SPACE) {
            at++;
            continue;
        }
        start = at;
        odd = 0;
        ascii = 1;
        run = 0;
        before = SPACE;
        for (; at < size && (own = CLASSES[(unsigned char)text[at]]) != SPACE; at++) {
            if (own == WORD) {
                odd |= ++run > WIDEST_WORD;
            } else {
                run = 0;
                if (own >= MARK && !odd)
                    odd = is_odd(before, own,
                                 at + 1 < size ? CLASSES[(unsigned char)text[at + 1]] : SPACE);
                if (own == OTHER)
                    ascii = 0;
            }
            before = own;
        }
        if (odd) {
            if (!append(&found->items, &found->count, &found->room,
                        item_of_piece(self, text + start, at - start, ascii, found)))
                return 0;
            continue;
        }
        for (place = start; place < at; place++) {
            if (CLASSES[(unsigned char)text[place]] == WORD) {
                size_t letters = 1;
                while (place + letters < at
                       && CLASSES[(unsigned char)text[place + letters]] == WORD)
                    letters++;
                if (!append(&found->items, &found->count, &found->room,
                            item_of_letters(self, text + place, letters, is_lower)))
                    return 0;
                place += letters;
            }
        }
    }
    return 1;
}

/* The UTF-8 of a text, which lives as long as the text or as what is added to kept. */
static int
bytes_of(PyObject *text, PyObject *kept, const char **bytes, size_t *size)
{
    Py_ssize_t length;
    PyObject *raw;
    char *own;
    *bytes = PyUnicode_AsUTF8AndSize(text, &length);
    if (!*bytes) {
        if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
            return 0;
        PyErr_Clear();
        raw = PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass");
        if (!raw || PyList_Append(kept, raw) < 0) {
            Py_XDECREF(raw);
            return 0;
        }
        Py_DECREF(raw);
        if (PyBytes_AsStringAndSize(raw, &own, &length) < 0)
            return 0;
        *bytes = own;
    }
    *size = (size_t)length;
    return 1;
}

static PyObject *
items_find(PyObject *object, PyObject *args)
{
    Items *self = (Items *)object;
    PyObject *texts, *kept, *counts = NULL, *answer = NULL, *unknown = NULL;
    int is_lower, is_done = 1;
    Py_ssize_t place, count;
    int32_t *by_text = NULL;
    const char **bytes;
    size_t *sizes;
    Found found = {0};
    if (!PyArg_ParseTuple(args, "Op", &texts, &is_lower))
        return NULL;
    texts = PySequence_Tuple(texts);
    if (!texts)
        return NULL;
    count = PyTuple_Size(texts);
    kept = PyList_New(0);
    bytes = calloc((size_t)count + 1, sizeof *bytes);
    sizes = calloc((size_t)count + 1, sizeof *sizes);
    counts = room_for(count, &by_text);
    if (!bytes || !sizes)
        PyErr_NoMemory();
    for (place = 0; !PyErr_Occurred() && place < count; place++)
        (void)bytes_of(PyTuple_GetItem(texts, place), kept, bytes + place, sizes + place);
    if (!PyErr_Occurred() && begin(self->terms)) {
        Py_BEGIN_ALLOW_THREADS
        for (place = 0; is_done && place < count; place++) {
            size_t before = found.count;
            is_done = find_items(self, bytes[place], sizes[place], is_lower, &found)
                && found.count - before <= INT32_MAX;
            by_text[place] = (int32_t)(found.count - before);
        }
        Py_END_ALLOW_THREADS
        self->terms->is_busy = 0;
        if (!is_done) {
            PyErr_NoMemory();
        } else {
            unknown = PyBytes_FromStringAndSize((char *)found.unknown,
                                                (Py_ssize_t)found.unknown_count * 4);
            answer = PyBytes_FromStringAndSize((char *)found.items, (Py_ssize_t)found.count * 4);
            if (answer && unknown) {
                PyObject *items = answer;
                answer = PyTuple_Pack(3, items, counts, unknown);
                Py_DECREF(items);
            } else {
                Py_CLEAR(answer);
            }
        }
    }
    free(found.items);
    free(found.unknown);
    free(bytes);
    free(sizes);
    Py_XDECREF(unknown);
    Py_XDECREF(counts);
    Py_XDECREF(kept);
    Py_DECREF(texts);
    return answer;
}

static int
add_entries(Items *self, const Numbers *offsets, const Numbers *terms)
{
    Py_ssize_t place;
    if (offsets->count != terms->count || self->entries.count > UINT32_MAX / 2) {
        PyErr_SetString(PyExc_ValueError, "each term has one offset");
        return 0;
    }
    for (place = 0; place < terms->count; place++) {
        int32_t term = terms->numbers[place];
        if (offsets->numbers[place] < 0
            || (size_t)(term < 0 ? ~term : term) >= self->terms->names.count) {
            PyErr_SetString(PyExc_ValueError, "there is no such term");
            return 0;
        }
        if (!add_entry(&self->entries, 0, offsets->numbers[place])) {
            PyErr_NoMemory();
            return 0;
        }
        self->entries.entries[self->entries.count - 1].term = term;
    }
    return 1;
}

static PyObject *
items_learn(PyObject *object, PyObject *args)
{
    Items *self = (Items *)object;
    Numbers offsets = {0}, terms = {0}, ranked_offsets = {0}, ranked = {0}, stops = {0};
    PyObject *objects[5], *answer = NULL;
    Py_ssize_t number, width, words, place;
    if (!PyArg_ParseTuple(args, "nn(OO)(OO)nO", &number, &width, objects, objects + 1,
                          objects + 2, objects + 3, &words, objects + 4))
        return NULL;
    if (number < 0 || (size_t)number >= self->item_count || width < 0 || width > INT32_MAX
        || words < 0 || words > INT32_MAX)
        return refused("there is no such item");
    if (take_numbers(objects[0], &offsets) && take_numbers(objects[1], &terms)
        && take_numbers(objects[2], &ranked_offsets) && take_numbers(objects[3], &ranked)
        && take_numbers(objects[4], &stops) && begin(self->terms)) {
        Item item = {0};
        item.width = (uint32_t)width;
        item.words = (uint32_t)words;
        item.exact = (uint32_t)self->entries.count;
        item.exact_count = (uint32_t)terms.count;
        if (add_entries(self, &offsets, &terms)) {
            item.ranked = (uint32_t)self->entries.count;
            item.ranked_count = (uint32_t)ranked.count;
            item.stops = (uint32_t)self->stops_used;
            item.stop_count = (uint32_t)stops.count;
            if (add_entries(self, &ranked_offsets, &ranked)) {
                for (place = 0; !PyErr_Occurred() && place < stops.count; place++) {
                    int32_t stop = stops.numbers[place];
                    if (stop < 0 || (size_t)stop >= self->stop_words.count)
                        refused("there is no such stop word");
                    else if (!add_stop(self, stop))
                        PyErr_NoMemory();
                }
                if (!PyErr_Occurred()) {
                    self->items[number] = item;
                    answer = Py_None;
                    Py_INCREF(answer);
                }
            }
        }
        self->terms->is_busy = 0;
    }
    release(&offsets);
    release(&terms);
    release(&ranked_offsets);
    release(&ranked);
    release(&stops);
    return answer;
}

static PyObject *
items_text(PyObject *object, PyObject *argument)
{
    Items *self = (Items *)object;
    Py_ssize_t number = PyLong_AsSsize_t(argument);
    PyObject *answer = NULL;
    if ((number == -1 && PyErr_Occurred()) || !begin(self->terms))
        return NULL;
    if (number < 0 || (size_t)number >= self->texts.count) {
        PyErr_SetString(PyExc_IndexError, "no item has that number");
    } else {
        size_t size;
        const char *text = name_at(&self->texts, (size_t)number, &size);
        answer = PyBytes_FromStringAndSize(text, (Py_ssize_t)size);
    }
    self->terms->is_busy = 0;
    return answer;
}

/* Whether all are numbers of items. */
static int
are_items(const Items *self, const Numbers *items)
{
    Py_ssize_t place;
    for (place = 0; place < items->count; place++)
        if (items->numbers[place] < 0 || (size_t)items->numbers[place] >= self->item_count)
            return 0;
    return 1;
}

/* Whether counts, none below 0, add up to no more than there is. */
static int
are_counts(const Numbers *counts, Py_ssize_t most)
{
    Py_ssize_t place;
    for (place = 0; place < counts->count; place++) {
        if (counts->numbers[place] < 0 || counts->numbers[place] > most)
            return 0;
        most -= counts->numbers[place];
    }
    return 1;
}

static PyObject *
items_placed(PyObject *object, PyObject *args)
{
    Items *self = (Items *)object;
    Numbers items = {0}, counts = {0}, docs = {0};
    PyObject *objects[3], *rooms[3] = {NULL, NULL, NULL}, *answer = NULL;
    int32_t *own_docs = NULL, *positions = NULL, *lengths = NULL;
    int is_narrow = 1;
    if (!PyArg_ParseTuple(args, "OOO", objects, objects + 1, objects + 2))
        return NULL;
    if (take_numbers(objects[0], &items) && take_numbers(objects[1], &counts)
        && take_numbers(objects[2], &docs) && begin(self->terms)) {
        if (counts.count != docs.count || !are_items(self, &items)
            || !are_counts(&counts, items.count)) {
            refused("items, counts and documents do not fit each other");
        } else {
            rooms[0] = room_for(items.count, &own_docs);
            rooms[1] = room_for(items.count, &positions);
            rooms[2] = room_for(counts.count, &lengths);
        }
        if (rooms[0] && rooms[1] && rooms[2]) {
            Py_BEGIN_ALLOW_THREADS
            Py_ssize_t text, place, at = 0;
            int64_t position = 0, start;
            for (text = 0; text < counts.count; text++) {
                int32_t doc = docs.numbers[text];
                position = text && docs.numbers[text - 1] == doc ? position + TEXT_GAP : 0;
                start = position;
                for (place = 0; place < counts.numbers[text]; place++, at++) {
                    own_docs[at] = doc;
                    positions[at] = (int32_t)(position > INT32_MAX ? 0 : position);
                    position += self->items[items.numbers[at]].width;
                }
                is_narrow &= position <= INT32_MAX;
                lengths[text] = (int32_t)(is_narrow ? position - start : 0);
            }
            for (; at < items.count; at++)
                own_docs[at] = positions[at] = 0;
            Py_END_ALLOW_THREADS
            if (is_narrow)
                answer = PyTuple_Pack(3, rooms[0], rooms[1], rooms[2]);
            else
                PyErr_SetString(PyExc_OverflowError, "a document has too many positions");
        }
        self->terms->is_busy = 0;
    }
    Py_XDECREF(rooms[0]);
    Py_XDECREF(rooms[1]);
    Py_XDECREF(rooms[2]);
    release(&items);
    release(&counts);
    release(&docs);
    return answer;
}

static PyObject *
expanded(Items *self, PyObject *args, int is_ranked)
{
    Numbers items = {0}, docs = {0}, positions = {0};
    PyObject *objects[3], *rooms[3] = {NULL, NULL, NULL}, *answer = NULL;
    int32_t *terms = NULL, *own_docs = NULL, *own_positions = NULL;
    Py_ssize_t place, count = 0;
    if (!PyArg_ParseTuple(args, "OOO", objects, objects + 1, objects + 2))
        return NULL;
    if (take_numbers(objects[0], &items) && take_numbers(objects[1], &docs)
        && take_numbers(objects[2], &positions) && begin(self->terms)) {
        if (items.count != docs.count || docs.count != positions.count
            || !are_items(self, &items)) {
            refused("items, documents and positions do not fit each other");
        } else {
            for (place = 0; place < items.count; place++) {
                const Item *item = self->items + items.numbers[place];
                Py_ssize_t more = is_ranked ? item->ranked_count : item->exact_count;
                if (more > PY_SSIZE_T_MAX / 8 - count)
                    break;
                count += more;
            }
            if (place < items.count) {
                PyErr_NoMemory();
            } else {
                rooms[0] = room_for(count, &terms);
                rooms[1] = room_for(count, &own_docs);
                rooms[2] = room_for(count, &own_positions);
            }
        }
        if (rooms[0] && rooms[1] && rooms[2]) {
            Py_BEGIN_ALLOW_THREADS
            Py_ssize_t at = 0;
            for (place = 0; place < items.count; place++) {
                const Item *item = self->items + items.numbers[place];
                const Entry *entry =
                    self->entries.entries + (is_ranked ? item->ranked : item->exact);
                uint32_t left = is_ranked ? item->ranked_count : item->exact_count;
                for (; left; left--, entry++, at++) {
                    terms[at] = entry->term;
                    own_docs[at] = docs.numbers[place];
                    own_positions[at] =
                        (int32_t)((uint32_t)positions.numbers[place] + (uint32_t)entry->offset);
                }
            }
            Py_END_ALLOW_THREADS
            answer = PyTuple_Pack(3, rooms[0], rooms[1], rooms[2]);
        }
        self->terms->is_busy = 0;
    }
    Py_XDECREF(rooms[0]);
    Py_XDECREF(rooms[1]);
    Py_XDECREF(rooms[2]);
    release(&items);
    release(&docs);
    release(&positions);
    return answer;
}

static PyObject *
items_exact(PyObject *self, PyObject *args)
{
    return expanded((Items *)self, args, 0);
}

static PyObject *
items_ranked(PyObject *self, PyObject *args)
{
    return expanded((Items *)self, args, 1);
}

/* Counts the stop words of some items into words, best, number and second. */
static void
count_stops(const Items *self, const int32_t *items, Py_ssize_t count, const unsigned char *table,
            Py_ssize_t languages, uint16_t *sums, int32_t *counts[4], Py_ssize_t text)
{
    Py_ssize_t place, language, best = 0;
    uint32_t words = 0, stop;
    uint16_t second = 0;
    memset(sums, 0, (size_t)languages * sizeof *sums);
    for (place = 0; place < count; place++) {
        const Item *item = self->items + items[place];
        words += item->words;
        for (stop = 0; stop < item->stop_count; stop++) {
            const unsigned char *row = table + self->stops[item->stops + stop] * languages;
            for (language = 0; language < languages; language++)
                sums[language] = (uint16_t)(sums[language] + row[language]);
        }
    }
    for (language = 1; language < languages; language++)
        if (sums[language] > sums[best])
            best = language;
    for (language = 0; language < languages; language++)
        if (language != best && sums[language] > second)
            second = sums[language];
    counts[0][text] = (int32_t)(words & INT32_MAX);
    counts[1][text] = (int32_t)best;
    counts[2][text] = sums[best];
    counts[3][text] = second;
}

static PyObject *
items_stop_words(PyObject *object, PyObject *args)
{
    Items *self = (Items *)object;
    Numbers items = {0}, counts = {0};
    Py_buffer table = {0};
    PyObject *objects[3], *rooms[4] = {NULL, NULL, NULL, NULL}, *answer = NULL;
    Py_ssize_t most, languages, text, at = 0;
    int32_t *found[4] = {NULL, NULL, NULL, NULL};
    uint16_t *sums = NULL;
    int one;
    if (!PyArg_ParseTuple(args, "OOnOn", objects, objects + 1, &most, objects + 2, &languages))
        return NULL;
    if (take_numbers(objects[0], &items) && take_numbers(objects[1], &counts)
        && PyObject_GetBuffer(objects[2], &table, PyBUF_SIMPLE) == 0 && begin(self->terms)) {
        if (!are_items(self, &items) || !are_counts(&counts, items.count) || languages < 1
            || languages > 10000 || table.len / languages < (Py_ssize_t)self->stop_words.count) {
            refused("items, counts and the table do not fit each other");
        } else {
            for (one = 0; one < 4; one++)
                rooms[one] = room_for(counts.count, found + one);
            sums = calloc((size_t)languages, sizeof *sums);
            if (!sums)
                PyErr_NoMemory();
        }
        if (!PyErr_Occurred()) {
            Py_BEGIN_ALLOW_THREADS
            for (text = 0; text < counts.count; text++) {
                Py_ssize_t own = counts.numbers[text];
                count_stops(self, items.numbers + at, own < most ? own : most, table.buf,
                            languages, sums, found, text);
                at += own;
            }
            Py_END_ALLOW_THREADS
            answer = PyTuple_Pack(4, rooms[0], rooms[1], rooms[2], rooms[3]);
        }
        self->terms->is_busy = 0;
    }
    for (one = 0; one < 4; one++)
        Py_XDECREF(rooms[one]);
    free(sums);
    release(&items);
    release(&counts);
    if (table.obj)
        PyBuffer_Release(&table);
    return answer;
}

static PyObject *
items_size(PyObject *self, void *closure)
{
    (void)closure;
    return PyLong_FromSize_t(((Items *)self)->entries.count);
}

static PyObject *
items_size_bytes(PyObject *object, void *closure)
{
    Items *self = (Items *)object;
    (void)closure;
    return PyLong_FromSize_t(names_bytes(&self->texts) + self->items_room * sizeof(Item)
                             + self->entries.room * sizeof(Entry) + self->stops_room * 4);
}

static PyMethodDef items_methods[] = {
    {"find", items_find, METH_VARARGS, "The items of texts, how many each has, unknown ones."},
    {"learn", items_learn, METH_VARARGS, "Say what an item is that find() did not know."},
    {"text", items_text, METH_O, "The text of an item."},
    {"placed", items_placed, METH_VARARGS, "Documents and positions of items; lengths of texts."},
    {"exact", items_exact, METH_VARARGS, "The exact terms of items."},
    {"ranked", items_ranked, METH_VARARGS, "What ranks of items."},
    {"stop_words", items_stop_words, METH_VARARGS, "The stop words of texts."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef items_getset[] = {
    {"size", items_size, NULL, "How much was learned: forms of all items.", NULL},
    {"size_bytes", items_size_bytes, NULL, "How much memory they take.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot items_slots[] = {
    {Py_tp_doc, "The different words and pieces of texts, by number."},
    {Py_tp_new, items_new},
    {Py_tp_dealloc, items_dealloc},
    {Py_mp_length, items_len},
    {Py_tp_methods, items_methods},
    {Py_tp_getset, items_getset},
    {0, NULL},
};

static PyType_Spec items_spec = {
    "indexer.text.compiled.Items", sizeof(Items), 0, Py_TPFLAGS_DEFAULT, items_slots,
};

/* Stems of terms, which are looked up in the table of a language by the number of the term. */

static PyObject *
stems_of(PyObject *module, PyObject *args)
{
    Numbers numbers = {0}, docs = {0}, codes = {0};
    Numbers *tables = NULL;
    PyObject *objects[4], *all = NULL, *room = NULL;
    Py_ssize_t first, count = 0, taken = 0, place, missed = 0;
    int32_t *stems = NULL;
    int is_fit = 1;
    (void)module;
    if (!PyArg_ParseTuple(args, "OOOnO", objects, objects + 1, objects + 2, &first, objects + 3))
        return NULL;
    all = PySequence_Tuple(objects[3]);
    if (!all)
        return NULL;
    count = PyTuple_Size(all);
    tables = calloc((size_t)count + 1, sizeof *tables);
    if (!tables)
        PyErr_NoMemory();
    while (!PyErr_Occurred() && taken < count) {
        if (take_numbers(PyTuple_GetItem(all, taken), tables + taken))
            taken++;
    }
    if (!PyErr_Occurred() && take_numbers(objects[0], &numbers) && take_numbers(objects[1], &docs)
        && take_numbers(objects[2], &codes)) {
        if (numbers.count != docs.count)
            refused("terms and documents do not fit each other");
        else
            room = room_for(numbers.count, &stems);
    }
    if (room) {
        Py_BEGIN_ALLOW_THREADS
        for (place = 0; place < numbers.count; place++) {
            int32_t number = numbers.numbers[place], stem;
            Py_ssize_t doc = docs.numbers[place] - first, code;
            if (doc < 0 || doc >= codes.count) {
                is_fit = 0;
                break;
            }
            code = codes.numbers[doc];
            if (code < 0 || code >= count) {
                is_fit = 0;
                break;
            }
            if (number < 0)
                stem = ~number;
            else
                stem = number < tables[code].count ? tables[code].numbers[number] : -1;
            missed += stem < 0;
            stems[place] = stem;
        }
        Py_END_ALLOW_THREADS
        if (!is_fit) {
            refused("a document has no language");
            Py_CLEAR(room);
        }
    }
    while (taken)
        release(tables + --taken);
    free(tables);
    release(&numbers);
    release(&docs);
    release(&codes);
    Py_DECREF(all);
    return room ? Py_BuildValue("Nn", room, missed) : NULL;
}

static PyMethodDef methods[] = {
    {"stems_of", stems_of, METH_VARARGS, "The stems of terms by the languages of documents."},
    {NULL, NULL, 0, NULL},
};

static int
run_module(PyObject *module)
{
    PyObject *items;
    make_classes();
    if (!TermsType)
        TermsType = (PyTypeObject *)PyType_FromSpec(&terms_spec);
    items = PyType_FromSpec(&items_spec);
    if (!TermsType || !items)
        return -1;
    if (PyModule_AddObjectRef(module, "Terms", (PyObject *)TermsType) < 0
        || PyModule_AddObjectRef(module, "Items", items) < 0) {
        Py_DECREF(items);
        return -1;
    }
    Py_DECREF(items);
    return 0;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, run_module},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    "indexer.text.compiled",
    "Words and pieces of texts, by number, and what they are indexed under.",
    0,
    methods,
    slots,
    NULL,
    NULL,
    NULL,
};

PyMODINIT_FUNC
PyInit_compiled(void)
{
    return PyModuleDef_Init(&definition);
}
