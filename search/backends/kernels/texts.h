/* Texts of Python, compared; see ``indexer/text/copies.h``. */

#ifndef PASSAGES_TEXTS_H
#define PASSAGES_TEXTS_H

#include "../../../indexer/seeds.h"
#include "../../../indexer/text/copies.h"

/* To compare so many bytes others may go on meanwhile. */
enum { MANY_BYTES = 1 << 14 };

/* Take a text where it lies in a str; one that has no UTF-8 is not plain. */
static int text_take(Compared *to, PyObject *text)
{
    Py_ssize_t size;
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "a text is a str");
        return -1;
    }
    to->text = (const unsigned char *)PyUnicode_AsUTF8AndSize(text, &size);
    if (!to->text) {
        if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
            return -1;
        PyErr_Clear();
        to->text = (const unsigned char *)"\xFF"; /* which nothing is plain with */
        size = 1;
    }
    to->size = (size_t)size;
    return 0;
}

static PyObject *answers(const Compared *others, Py_ssize_t size)
{
    PyObject *found = PyList_New(size);
    for (Py_ssize_t at = 0; found && at < size; at++) {
        PyObject *answer = others[at].found == NOT_PLAIN ? Py_None
                           : others[at].found == COPY    ? Py_True
                                                         : Py_False;
        Py_INCREF(answer);
        PyList_SetItem(found, at, answer);
    }
    return found;
}

static PyObject *are_copies(PyObject *unused, PyObject *args)
{
    PyObject *text, *given, *others, *found = NULL;
    Compared own, *each;
    Comparing room;
    Py_ssize_t size, taken = 0;
    size_t bytes;
    int is_done;
    (void)unused;
    if (!PyArg_ParseTuple(args, "OO", &text, &given) || text_take(&own, text) < 0 ||
        !(others = PySequence_Tuple(given)))
        return NULL;
    size = PyTuple_Size(others);
    bytes = own.size;
    each = calloc((size_t)size + 1, sizeof *each);
    if (!each)
        PyErr_NoMemory();
    for (; each && taken < size && text_take(&each[taken], PyTuple_GetItem(others, taken)) == 0;
         taken++)
        bytes += each[taken].size;
    if (each && taken == size) {
        uint64_t seed = new_seed();
        PyThreadState *thread = bytes > MANY_BYTES ? PyEval_SaveThread() : NULL;
        is_done = compare(&room, &own, each, (size_t)size, seed);
        if (thread)
            PyEval_RestoreThread(thread);
        found = is_done ? answers(each, size) : PyErr_NoMemory();
    }
    free(each);
    Py_DECREF(others);
    return found;
}

#endif
