/* What Python has of the units of a query in a segment. */

#ifndef PASSAGES_UNITS_TYPE_H
#define PASSAGES_UNITS_TYPE_H

#include "ranking.h"
#include "worths.h"

static PyMethodDef Units_methods[] = {
    {"docs", Units_docs, METH_O, "The passages that hold a unit in its field."},
    {"all_of", Units_all_of, METH_O, "The passages that hold each of some units."},
    {"any_of", Units_any_of, METH_O, "The passages that hold any of some units."},
    {"titled", Units_titled, METH_O, "The records of articles whose title holds a unit."},
    {"holdings", Units_holdings, METH_O, "How many passages and articles hold each of some."},
    {"worths", Units_worths, METH_VARARGS, "What units are worth."},
    {"is_held", Units_is_held, METH_O, "Whether any passage holds a unit."},
    {"is_cut", Units_is_cut, METH_O, "Whether the time was too short for a unit."},
    {"scores", Units_scores, METH_VARARGS, "The sums of what units give to documents."},
    {"add_beside", Units_add_beside, METH_VARARGS, "Add what decides about the best only."},
    {"held", Units_held, METH_VARARGS, "Which of some documents hold any of a group of units."},
    {"counts", Units_counts, METH_VARARGS, "The counts of a unit that scores are made of."},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot Units_slots[] = {
    {Py_tp_new, Units_new},
    {Py_tp_dealloc, Units_dealloc},
    {Py_tp_methods, Units_methods},
    {Py_tp_doc, "Where the units of one query stand in a segment."},
    {0, NULL},
};
static PyType_Spec Units_spec = {
    "search.backends.kernels.compiled.Units", sizeof(Units), 0, Py_TPFLAGS_DEFAULT, Units_slots,
};

#endif
