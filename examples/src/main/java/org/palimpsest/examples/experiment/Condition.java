package org.palimpsest.examples.experiment;

/**
 * A source and a target that networks learn one after the other.
 *
 * @param label for tables and legends
 * @param source what is learned first
 * @param target what is learned then
 * @param hardAndFew whether the target is hard and its images few, which is where a paper expects
 *     transfer to help
 */
public record Condition(String label, Lesson source, Lesson target, boolean hardAndFew) {}
