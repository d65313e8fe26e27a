package org.palimpsest.examples.verdict;

/**
 * Something that a paper says, or that is asked here.
 *
 * @param statement in one sentence
 * @param source who says it
 * @param criterion what is measured and when the claim holds, stated before anything was measured
 */
public record Claim(String statement, String source, String criterion) {

  /** The paper that all this follows. */
  public static final String KARIMI = "Karimi, Warfield and Gholipour, arXiv:2006.00356";
}
