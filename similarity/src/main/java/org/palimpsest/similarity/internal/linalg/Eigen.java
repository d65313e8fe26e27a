package org.palimpsest.similarity.internal.linalg;

/**
 * The eigenvalues and eigenvectors of a symmetric matrix.
 *
 * @param values descending
 * @param vectors row i is the unit eigenvector of the i-th value
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Eigen(double[] values, Dense vectors) {}
