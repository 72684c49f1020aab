/* Seeds of hash tables, so that nobody outside knows which of their keys meet. */

#ifndef PASSAGES_SEEDS_H
#define PASSAGES_SEEDS_H

#include <stdint.h>

/* The same all the time in a process. */
static uint64_t new_seed(void)
{
    PyObject *text = PyUnicode_FromString("passages");
    Py_hash_t hash = text ? PyObject_Hash(text) : 0;
    Py_XDECREF(text);
    PyErr_Clear();
    return (uint64_t)hash;
}

#endif
