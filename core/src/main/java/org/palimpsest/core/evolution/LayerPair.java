package org.palimpsest.core.evolution;

/** Two layers that a pairing of checkpoints holds against each other. */
record LayerPair(String layerA, String layerB) {}
