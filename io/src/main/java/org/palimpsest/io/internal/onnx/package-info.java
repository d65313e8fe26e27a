/** ONNX files, read without ONNX Runtime. */
@NullMarked
package org.palimpsest.io.internal.onnx;

import org.jspecify.annotations.NullMarked;
