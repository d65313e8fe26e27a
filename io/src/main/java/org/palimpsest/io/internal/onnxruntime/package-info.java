/** Networks in ONNX files, through ONNX Runtime. */
@NullMarked
package org.palimpsest.io.internal.onnxruntime;

import org.jspecify.annotations.NullMarked;
