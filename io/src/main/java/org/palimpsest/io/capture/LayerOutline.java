package org.palimpsest.io.capture;

/**
 * A layer as its file describes it, before anything runs.
 *
 * @param name under which its activations are captured
 * @param type what the tool calls such layers, such as {@code ConvolutionLayer} or {@code Conv}
 */
public record LayerOutline(String name, String type) {}
