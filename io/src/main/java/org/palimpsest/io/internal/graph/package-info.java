/**
 * Networks as graphs of calls of PyTorch's operators (ATen): what every reader of a file that
 * describes a network, but holds no code that could run, builds.
 */
@NullMarked
package org.palimpsest.io.internal.graph;

import org.jspecify.annotations.NullMarked;
