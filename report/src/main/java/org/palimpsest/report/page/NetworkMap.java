package org.palimpsest.report.page;

/**
 * All layers of one network against all layers of another.
 *
 * @param name which networks
 * @param rows what the rows are layers of
 * @param columns what the columns are layers of
 */
record NetworkMap(String name, String rows, String columns, double[][] matrix) {}
