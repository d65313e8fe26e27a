package org.palimpsest.core.evolution;

/**
 * What a measurement is about, by content: the same key always means the same number. A journal
 * finds by it what is known already, whatever the files are called by now. Of a symmetric measure
 * both orders of the layers have one key.
 *
 * @param context whatever else decides the number: probes, how feature maps become samples,
 *     version, plug-ins, and how intervals are made
 * @param hashA the hash of the first checkpoint's content
 * @param layerA its layer
 * @param hashB the hash of the second checkpoint's content
 * @param layerB its layer
 * @param measure the measure's name with its parameters
 */
public record MeasurementKey(
    String context, String hashA, String layerA, String hashB, String layerB, String measure) {}
