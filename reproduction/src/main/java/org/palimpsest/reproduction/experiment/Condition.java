package org.palimpsest.reproduction.experiment;

/**
 * A source and a target that networks learn one after the other.
 *
 * @param label for tables and legends
 * @param source what is learned first
 * @param target what is learned then
 */
public record Condition(String label, Lesson source, Lesson target) {}
