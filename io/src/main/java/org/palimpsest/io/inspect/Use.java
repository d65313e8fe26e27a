package org.palimpsest.io.inspect;

/**
 * What can be done with a file, as its content tells: the likeliest next step for someone who has
 * just found out what it is. The command {@code inspect} turns each into a command line to copy.
 *
 * @see Inspection#next()
 */
public enum Use {
  /** Activations of its layers can be captured. */
  CAPTURE,
  /** Activations can be captured if its network is described by another file. */
  CAPTURE_DESCRIBED,
  /** Its layers can be compared with those of another network. */
  COMPARE_NETWORKS,
  /** What it holds can be compared with other activations. */
  COMPARE_ACTIVATIONS,
  /** A description of its network can be drafted from its weights. */
  DRAFT_ARCHITECTURE,
  /** It can be shown to networks. */
  PROBES,
  /** It can be prepared as when a network was trained, and then be shown. */
  PATCHES,
  /** Its plans tell how images are prepared. */
  PREPARE_BY_PLAN,
  /** Its transforms tell how images are prepared. */
  PREPARE_BY_TRANSFORMS,
  /** Its training runs can be followed; probes lie beside them. */
  TRACK,
  /** Its training runs can be followed; probes are to be given. */
  TRACK_WITH_PROBES,
  /** Its weights can be listed. */
  WEIGHTS,
  /** Its weights can be compared with those of another network. */
  COMPARE_WEIGHTS
}
