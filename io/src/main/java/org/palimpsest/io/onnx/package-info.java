/** Networks in ONNX files, through ONNX Runtime. */
@NullMarked
package org.palimpsest.io.onnx;

import org.jspecify.annotations.NullMarked;
