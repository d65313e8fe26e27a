package org.palimpsest.io.internal.torchscript;

/**
 * How to call a copy of an archive that records.
 *
 * @param entryMethod the method of the root module to run; it takes the probes (a tensor), the
 *     number of the type that the network wants them in, the recorded names wanted (one per line),
 *     how each is to be reduced (one per line), the positions picked for that, and whether only
 *     names and shapes are asked for, and gives a string and a list of tensors: one line for each
 *     tensor, its recorded name, a tab and the shape that the layer has
 * @param layerNames what recorded names are to people
 */
public record RecordingCopy(String entryMethod, LayerNames layerNames) {}
