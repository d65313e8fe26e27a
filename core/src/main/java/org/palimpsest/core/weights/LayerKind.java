package org.palimpsest.core.weights;

/**
 * What kind of layer a weight tensor belongs to, which decides what its axes mean: filters of a
 * convolution lie along its first axis, those of a transposed one along its second. A state dict of
 * PyTorch tells neither; comparisons of filters then go by shapes and names, and say so.
 */
public enum LayerKind {
  /** Axes {@code (out, in, space…)}. */
  CONVOLUTION,
  /** Axes {@code (in, out, space…)}. */
  TRANSPOSED_CONVOLUTION,
  /** Axes {@code (out, in)}. */
  LINEAR,
  /** Scales, shifts and running statistics of batch, instance, group or layer normalisation. */
  NORMALISATION,
  /** The file tells the kind, and it is none of the others. */
  OTHER,
  /** The file does not tell: a state dict holds names and shapes alone. */
  UNKNOWN
}
