package org.palimpsest.reproduction.verdict;

/**
 * Something that a paper says, or that is asked here.
 *
 * @param statement in one sentence
 * @param source who says it
 * @param criterion what is measured and when the claim holds, stated before anything was measured
 * @param rule the same for a program: where each figure lies if the claim is true
 * @param otherwise a guess at why it may differ here from what the paper saw, should it differ
 */
public record PaperClaim(
    String statement, String source, String criterion, Rule rule, String otherwise) {}
