package org.palimpsest.io.internal.isolation;

/** What the two processes say to each other. The order is part of the protocol. */
enum Signal {
  /** To the child: open a network. */
  OPEN,
  /** To the child: show the network probes. */
  RUN,
  /** To the child: show the network probes and make matrices of its layers. */
  RUN_REDUCED,
  /** To the child: tell the shapes of the network's layers. */
  SHAPES,
  /** To the child: close the network. */
  CLOSE,
  /** To the child: probes are wanted from here to there; to the parent: send them. */
  PROBES,
  /** To the parent: what the layers answered. */
  BATCH,
  /** To the child: go on after a batch. */
  GO_ON,
  /** To the child: stop after a batch. */
  STOP,
  /** To the parent: all went well; the provenance follows, and shapes if they were asked for. */
  DONE,
  /** To the parent: it did not; the reason follows. */
  FAILED
}
