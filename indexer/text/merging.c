/* Occurrences -> runs -> lists; the twin of ``sorting``, and of what ``storage.runs`` and
   ``storage.packing`` do with numpy, in C.
*/

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../numbers.h"

/* Have what lies at an address at hand soon; it need not be there. */
#if defined(__GNUC__)
#define EXPECT(address) __builtin_prefetch(address)
#else
#define EXPECT(address) ((void)(address))
#endif

static int
width_of(uint64_t largest)
{
    return largest <= UINT8_MAX ? 1 : largest <= UINT16_MAX ? 2 : 4;
}

static unsigned char *
put(unsigned char *to, int width, uint32_t number)
{
    uint16_t two = (uint16_t)number;
    switch (width) {
    case 1:
        *to = (unsigned char)number;
        break;
    case 2:
        memcpy(to, &two, 2);
        break;
    default:
        memcpy(to, &number, 4);
    }
    return to + width;
}

/* The numbers as narrow as they can be, and how wide that is. */
static PyObject *
narrow(const uint32_t *numbers, Py_ssize_t count)
{
    uint32_t largest = 0;
    Py_ssize_t place;
    PyObject *raw;
    unsigned char *to;
    int width;
    for (place = 0; place < count; place++)
        if (numbers[place] > largest)
            largest = numbers[place];
    width = width_of(largest);
    if (count > PY_SSIZE_T_MAX / width)
        return PyErr_NoMemory();
    raw = PyBytes_FromStringAndSize(NULL, count * width);
    if (!raw)
        return NULL;
    to = (unsigned char *)PyBytes_AsString(raw);
    for (place = 0; place < count; place++)
        to = put(to, width, numbers[place]);
    return Py_BuildValue("Ni", raw, width);
}

/* The places of a run in its making; see Run in ``sorting``. */
typedef struct {
    uint32_t *terms, *first, *ends, *docs, *frequencies, *positions, *own_docs;
    Py_ssize_t term_count, doc_count;
    uint32_t base;
} Run;

/* Sort occurrences, numbers of 32 bits, into a run; 0 without memory. */
static int
sort_run(const Numbers *terms, const Numbers *docs, const Numbers *positions, Run *run)
{
    Py_ssize_t count = terms->size, place, row, last;
    uint32_t least = UINT32_MAX, largest = 0, term, sum = 0, *ends;
    size_t rooms = (size_t)count + 1, range, at;
    for (place = 0; place < count; place++) {
        term = (uint32_t)number_in(terms->bytes, 4, place);
        if (term > largest)
            largest = term;
        if (term < least)
            least = term;
    }
    if (largest > INT32_MAX) /* no table is that long */
        return 0;
    /* New terms come with numbers that follow each other. */
    range = count ? (size_t)(largest - least) + 1 : 0;
    ends = calloc(range + 1, sizeof *ends);
    run->docs = malloc(rooms * sizeof *run->docs);
    run->own_docs = malloc(rooms * sizeof *run->own_docs);
    run->frequencies = malloc(rooms * sizeof *run->frequencies);
    run->positions = malloc(rooms * sizeof *run->positions);
    if (!ends || !run->docs || !run->own_docs || !run->frequencies || !run->positions) {
        free(ends);
        return 0;
    }
    for (place = 0; place < count; place++)
        ends[(uint32_t)number_in(terms->bytes, 4, place) - least]++;
    for (at = 0; at < range; at++)
        run->term_count += ends[at] > 0;
    run->terms = malloc(((size_t)run->term_count + 1) * sizeof *run->terms);
    run->first = malloc(((size_t)run->term_count + 1) * sizeof *run->first);
    run->ends = malloc(((size_t)run->term_count + 1) * sizeof *run->ends);
    if (!run->terms || !run->first || !run->ends) {
        free(ends);
        return 0;
    }
    row = 0;
    for (at = 0; at < range; at++) {
        uint32_t own = ends[at];
        if (own) {
            run->terms[row] = least + (uint32_t)at;
            run->ends[row++] = sum;
        }
        ends[at] = sum;
        sum += own;
    }
    run->ends[row] = sum;
    for (place = 0; place < count; place++) {
        uint32_t to = ends[(uint32_t)number_in(terms->bytes, 4, place) - least]++;
        run->own_docs[to] = (uint32_t)number_in(docs->bytes, 4, place);
        run->positions[to] = (uint32_t)number_in(positions->bytes, 4, place);
    }
    free(ends);
    run->base = count ? UINT32_MAX : 0;
    for (row = 0; row < run->term_count; row++) {
        run->first[row] = (uint32_t)run->doc_count;
        last = -1;
        for (place = run->ends[row]; place < (Py_ssize_t)run->ends[row + 1]; place++) {
            uint32_t doc = run->own_docs[place];
            if (last < 0 || run->docs[last] != doc) {
                last = run->doc_count++;
                run->docs[last] = doc;
                run->frequencies[last] = 0;
                if (doc < run->base)
                    run->base = doc;
            }
            run->frequencies[last]++;
        }
    }
    run->first[row] = (uint32_t)run->doc_count;
    for (place = 0; place < run->doc_count; place++)
        run->docs[place] -= run->base;
    return 1;
}

static PyObject *
run_of(PyObject *module, PyObject *args)
{
    Numbers terms = {0}, docs = {0}, positions = {0};
    PyObject *objects[3], *answer = NULL;
    Run run = {0};
    int is_done;
    (void)module;
    if (!PyArg_ParseTuple(args, "OOO", objects, objects + 1, objects + 2))
        return NULL;
    if (numbers_take(&terms, objects[0]) == 0 && numbers_take(&docs, objects[1]) == 0
        && numbers_take(&positions, objects[2]) == 0) {
        if (terms.size != docs.size || docs.size != positions.size || terms.width != 4
            || docs.width != 4 || positions.width != 4 || terms.size >= INT32_MAX) {
            PyErr_SetString(PyExc_ValueError, "terms, documents and positions do not fit");
        } else {
            Py_BEGIN_ALLOW_THREADS
            is_done = sort_run(&terms, &docs, &positions, &run);
            Py_END_ALLOW_THREADS
            if (is_done)
                answer = Py_BuildValue(
                    "kNNNNNN", (unsigned long)run.base, narrow(run.terms, run.term_count),
                    narrow(run.first, run.term_count + 1), narrow(run.ends, run.term_count + 1),
                    narrow(run.docs, run.doc_count), narrow(run.frequencies, run.doc_count),
                    narrow(run.positions, terms.size));
            else
                PyErr_NoMemory();
        }
    }
    free(run.terms);
    free(run.first);
    free(run.ends);
    free(run.docs);
    free(run.own_docs);
    free(run.frequencies);
    free(run.positions);
    numbers_release(&terms);
    numbers_release(&docs);
    numbers_release(&positions);
    return answer;
}

/* What one run or part has for some terms, see ``storage.runs``. */
enum { PLACES, OWN, FIRST, ENDS, DOCS, FREQUENCIES, POSITIONS, COLUMNS };

typedef struct {
    Numbers columns[COLUMNS];
    uint64_t base;
} Piece;

/* So many sources are on their way while one is read. */
#define SOURCES_AHEAD 12

/* What a piece has of a term: places in its docs and its positions. Those are far apart, so each is
   looked up once. */
typedef struct {
    uint32_t piece;
    Py_ssize_t docs, doc_count, positions, position_count;
} Source;

/* How wide the numbers of a list are, in bytes; 0: they are not written. */
typedef struct {
    uint32_t count, numbers; /* of documents, of positions */
    unsigned char count_width, gap, frequency, position;
} Shape;

typedef struct {
    Piece *pieces;
    Py_ssize_t piece_count, count;
    Py_ssize_t *starts; /* by term, in its sources; and one more */
    Source *sources;    /* of each term, one behind the other */
    Py_ssize_t source_count;
    Py_ssize_t doc_count, position_count;
    uint32_t *gaps, *frequencies, *positions; /* of all terms */
    Shape *shapes;
    int32_t *sizes;
    uint64_t total;
    const char *fault;
} Merge;

static int
find_source(Merge *merge, uint32_t number, uint64_t own, Source *source)
{
    const Numbers *columns = merge->pieces[number].columns;
    uint64_t first = number_at(columns + FIRST, (Py_ssize_t)own);
    uint64_t end = number_at(columns + FIRST, (Py_ssize_t)own + 1);
    uint64_t start = number_at(columns + ENDS, (Py_ssize_t)own);
    uint64_t last = number_at(columns + ENDS, (Py_ssize_t)own + 1);
    if (first > end || start > last || end > (uint64_t)columns[DOCS].size
        || last > (uint64_t)columns[POSITIONS].size) {
        merge->fault = "postings lie beyond their end";
        return 0;
    }
    source->piece = number;
    source->docs = (Py_ssize_t)first;
    source->doc_count = (Py_ssize_t)(end - first);
    source->positions = (Py_ssize_t)start;
    source->position_count = (Py_ssize_t)(last - start);
    if (source->doc_count > INT32_MAX - merge->doc_count
        || source->position_count > INT32_MAX - merge->position_count) {
        merge->fault = "too many postings at once";
        return 0;
    }
    merge->doc_count += source->doc_count;
    merge->position_count += source->position_count;
    return 1;
}

/* Find the sources of each term. */
static int
find_sources(Merge *merge)
{
    Py_ssize_t number, row, place, total = 0;
    for (number = 0; number < merge->piece_count; number++) {
        const Numbers *columns = merge->pieces[number].columns;
        for (row = 0; row < columns[PLACES].size; row++) {
            uint64_t term = number_at(columns + PLACES, row);
            if (term >= (uint64_t)merge->count
                || number_at(columns + OWN, row) >= (uint64_t)columns[FIRST].size - 1) {
                merge->fault = "there is no such term";
                return 0;
            }
            merge->starts[term + 1]++;
            total++;
        }
    }
    for (place = 0; place < merge->count; place++)
        merge->starts[place + 1] += merge->starts[place];
    merge->source_count = total;
    merge->sources = malloc(((size_t)total + 1) * sizeof *merge->sources);
    if (!merge->sources)
        return 0;
    for (number = 0; number < merge->piece_count; number++) {
        const Numbers *columns = merge->pieces[number].columns;
        for (row = 0; row < columns[PLACES].size; row++) {
            Py_ssize_t at = merge->starts[number_at(columns + PLACES, row)]++;
            if (!find_source(merge, (uint32_t)number, number_at(columns + OWN, row),
                             merge->sources + at))
                return 0;
        }
    }
    for (place = merge->count; place > 0; place--)
        merge->starts[place] = merge->starts[place - 1];
    merge->starts[0] = 0;
    return 1;
}

/* Have what a source has at hand soon. */
static inline void
expect_source(const Merge *merge, const Source *source)
{
    const Numbers *columns = merge->pieces[source->piece].columns;
    EXPECT(columns[DOCS].bytes + source->docs * columns[DOCS].width);
    EXPECT(columns[FREQUENCIES].bytes + source->docs * columns[FREQUENCIES].width);
    EXPECT(columns[POSITIONS].bytes + source->positions * columns[POSITIONS].width);
}

/* Write some numbers of a column as 32 bits each; all of their bits together, from which it shows
   how wide the widest is. */
static uint64_t
widen(const Numbers *column, Py_ssize_t first, Py_ssize_t count, uint32_t *to)
{
    uint64_t bits = 0, number;
    uint32_t of_word = 0;
    Py_ssize_t place;
    const unsigned char *from = column->bytes + first * column->width;
    switch (column->width) {
    case 1:
        for (place = 0; place < count; place++)
            of_word |= to[place] = from[place];
        return of_word;
    case 2:
        for (place = 0; place < count; place++)
            of_word |= to[place] = (uint32_t)number_in(from, 2, place);
        return of_word;
    case 4:
        for (place = 0; place < count; place++)
            of_word |= to[place] = (uint32_t)number_in(from, 4, place);
        return of_word;
    default:
        for (place = 0; place < count; place++) {
            number = number_in(from, 8, place);
            bits |= number;
            to[place] = (uint32_t)number;
        }
        return bits;
    }
}

/* Bring together what all sources of a term have. */
static int
gather(Merge *merge, Py_ssize_t term, uint32_t *gaps, uint32_t *frequencies, uint32_t *positions)
{
    uint64_t last = 0, gap = 0, frequency = 0, position = 0, wide = 0;
    uint64_t number, docs = 0, numbers = 0;
    Shape *shape = merge->shapes + term;
    Py_ssize_t at, place;
    for (at = merge->starts[term]; at < merge->starts[term + 1]; at++) {
        const Source *source = merge->sources + at;
        const Piece *piece = merge->pieces + source->piece;
        if (at + SOURCES_AHEAD < merge->source_count)
            expect_source(merge, source + SOURCES_AHEAD);
        frequency |= widen(piece->columns + FREQUENCIES, source->docs, source->doc_count,
                           frequencies + docs);
        position |= widen(piece->columns + POSITIONS, source->positions, source->position_count,
                          positions + numbers);
        wide |= widen(piece->columns + DOCS, source->docs, source->doc_count, gaps + docs);
        for (place = 0; place < source->doc_count; place++) {
            number = gaps[docs] + piece->base;
            if (number < last || number > UINT32_MAX) {
                merge->fault = "documents do not rise";
                return 0;
            }
            gaps[docs] = (uint32_t)(number - last);
            if (gaps[docs] > gap)
                gap = gaps[docs];
            last = number;
            docs++;
        }
        numbers += (uint64_t)source->position_count;
    }
    if (frequency > UINT32_MAX || position > UINT32_MAX || wide > UINT32_MAX) {
        merge->fault = "a number does not fit in 32 bits";
        return 0;
    }
    shape->count = (uint32_t)docs;
    shape->numbers = (uint32_t)numbers;
    shape->count_width = (unsigned char)width_of(docs);
    shape->gap = (unsigned char)width_of(gap);
    shape->frequency = (unsigned char)(frequency > 1 ? width_of(frequency) : 0);
    shape->position = (unsigned char)(position > 0 ? width_of(position) : 0);
    return 1;
}

/* Bring all terms together, and find out how large their lists are. */
static int
gather_all(Merge *merge)
{
    Py_ssize_t term, docs = 0, positions = 0;
    merge->gaps = malloc(((size_t)merge->doc_count + 1) * sizeof *merge->gaps);
    merge->frequencies = malloc(((size_t)merge->doc_count + 1) * sizeof *merge->frequencies);
    merge->positions = malloc(((size_t)merge->position_count + 1) * sizeof *merge->positions);
    if (!merge->gaps || !merge->frequencies || !merge->positions)
        return 0;
    for (term = 0; term < merge->count; term++) {
        const Shape *shape = merge->shapes + term;
        uint64_t size = 0;
        if (!gather(merge, term, merge->gaps + docs, merge->frequencies + docs,
                    merge->positions + positions))
            return 0;
        docs += shape->count;
        positions += shape->numbers;
        if (shape->count)
            size = 1 + (uint64_t)shape->count_width
                + shape->count * ((uint64_t)shape->gap + (uint64_t)shape->frequency)
                + shape->numbers * (uint64_t)shape->position;
        if (size > INT32_MAX) {
            merge->fault = "a list is larger than 2 GB";
            return 0;
        }
        merge->sizes[term] = (int32_t)size;
        merge->total += size;
    }
    return 1;
}

static int
code_of(int width)
{
    return width == 4 ? 2 : width - 1;
}

static unsigned char *
put_all(unsigned char *to, int width, const uint32_t *numbers, Py_ssize_t count)
{
    Py_ssize_t place;
    if (width == 4) {
        memcpy(to, numbers, (size_t)count * 4);
        return to + count * 4;
    }
    for (place = 0; width && place < count; place++)
        to = put(to, width, numbers[place]);
    return to;
}

static void
write_lists(const Merge *merge, unsigned char *to)
{
    Py_ssize_t term, docs = 0, positions = 0;
    for (term = 0; term < merge->count; term++) {
        Shape shape = merge->shapes[term];
        if (!shape.count)
            continue;
        *to++ = (unsigned char)(code_of(shape.count_width) | code_of(shape.gap) << 2
                                | (shape.frequency ? code_of(shape.frequency) + 1 : 0) << 4
                                | (shape.position ? code_of(shape.position) + 1 : 0) << 6);
        to = put(to, shape.count_width, shape.count);
        to = put_all(to, shape.gap, merge->gaps + docs, shape.count);
        to = put_all(to, shape.frequency, merge->frequencies + docs, shape.count);
        to = put_all(to, shape.position, merge->positions + positions, shape.numbers);
        docs += shape.count;
        positions += shape.numbers;
    }
}

static PyObject *
merge_all(Merge *merge)
{
    PyObject *lists = NULL, *sizes = PyBytes_FromStringAndSize(NULL, merge->count * 4);
    int is_done = 0;
    merge->starts = calloc((size_t)merge->count + 2, sizeof *merge->starts);
    merge->shapes = calloc((size_t)merge->count + 1, sizeof *merge->shapes);
    if (!merge->shapes || !merge->starts)
        PyErr_NoMemory();
    if (!PyErr_Occurred()) {
        merge->sizes = (int32_t *)(void *)PyBytes_AsString(sizes);
        Py_BEGIN_ALLOW_THREADS
        is_done = find_sources(merge) && gather_all(merge);
        Py_END_ALLOW_THREADS
        if (merge->fault)
            PyErr_SetString(PyExc_ValueError, merge->fault);
        else if (!is_done || merge->total > PY_SSIZE_T_MAX)
            PyErr_NoMemory();
        else
            lists = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)merge->total);
    }
    if (lists) {
        unsigned char *to = (unsigned char *)PyBytes_AsString(lists);
        Py_BEGIN_ALLOW_THREADS
        write_lists(merge, to);
        Py_END_ALLOW_THREADS
    }
    free(merge->starts);
    free(merge->sources);
    free(merge->shapes);
    free(merge->gaps);
    free(merge->frequencies);
    free(merge->positions);
    if (!lists) {
        Py_XDECREF(sizes);
        return NULL;
    }
    return Py_BuildValue("NN", lists, sizes);
}

/* Take a piece, a tuple of its columns and its base. */
static int
take_piece(PyObject *from, Piece *piece)
{
    PyObject *objects[COLUMNS];
    unsigned long long base;
    int column;
    if (!PyArg_ParseTuple(from, "OOOOOOOK", objects, objects + 1, objects + 2, objects + 3,
                          objects + 4, objects + 5, objects + 6, &base))
        return 0;
    if (base > UINT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "documents do not fit in 32 bits");
        return 0;
    }
    piece->base = base;
    for (column = 0; column < COLUMNS; column++)
        if (numbers_take(piece->columns + column, objects[column]) < 0)
            return 0;
    if (piece->columns[PLACES].size != piece->columns[OWN].size
        || piece->columns[FIRST].size != piece->columns[ENDS].size
        || piece->columns[FIRST].size < 1
        || piece->columns[DOCS].size != piece->columns[FREQUENCIES].size) {
        PyErr_SetString(PyExc_ValueError, "the columns of a piece do not fit each other");
        return 0;
    }
    return 1;
}

static PyObject *
lists_of(PyObject *module, PyObject *args)
{
    PyObject *pieces, *answer = NULL;
    Py_ssize_t place;
    int column;
    Merge merge = {0};
    (void)module;
    if (!PyArg_ParseTuple(args, "nO", &merge.count, &pieces))
        return NULL;
    if (merge.count < 0 || merge.count > INT32_MAX / 4) {
        PyErr_SetString(PyExc_ValueError, "too many terms at once");
        return NULL;
    }
    pieces = PySequence_Tuple(pieces);
    if (!pieces)
        return NULL;
    merge.piece_count = PyTuple_Size(pieces);
    merge.pieces = calloc((size_t)merge.piece_count + 1, sizeof *merge.pieces);
    if (!merge.pieces)
        PyErr_NoMemory();
    for (place = 0; !PyErr_Occurred() && place < merge.piece_count; place++) {
        PyObject *piece = PyTuple_GetItem(pieces, place);
        if (PyTuple_Check(piece))
            (void)take_piece(piece, merge.pieces + place);
        else
            PyErr_SetString(PyExc_TypeError, "a piece is a tuple");
    }
    if (!PyErr_Occurred())
        answer = merge_all(&merge);
    for (place = 0; merge.pieces && place < merge.piece_count; place++)
        for (column = 0; column < COLUMNS; column++)
            numbers_release(merge.pieces[place].columns + column);
    free(merge.pieces);
    Py_DECREF(pieces);
    return answer;
}

static PyMethodDef methods[] = {
    {"run_of", run_of, METH_VARARGS, "The postings that occurrences of terms make."},
    {"lists_of", lists_of, METH_VARARGS, "The lists of terms that several pieces have."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "indexer.text.merging", "Runs and lists of postings.", 0, methods,
    slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC
PyInit_merging(void)
{
    return PyModuleDef_Init(&definition);
}
