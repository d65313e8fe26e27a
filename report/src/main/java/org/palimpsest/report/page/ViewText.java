package org.palimpsest.report.page;

import org.palimpsest.core.evolution.Study;

/** What a view holds against what, in words. */
final class ViewText {

  private ViewText() {}

  /** {@code Each checkpoint against the start of its own run: linear_cka}. */
  static String ofEach(Study.View view, String measure) {
    return "Each checkpoint against " + other(view) + ": " + measure;
  }

  /** {@code The end of training against the start of its own run: linear_cka}. */
  static String ofLast(Study.View view, String measure) {
    return "The end of training against " + other(view) + ": " + measure;
  }

  private static String other(Study.View view) {
    return switch (view) {
      case TO_START -> "the start of its own run";
      case TO_END -> "the end of its own run";
      case TO_SOURCE -> "the end of the source network";
      case TO_NEXT -> "the next one of its run (speed of change)";
      case STEPS -> "every other of its run, the same layer";
      case LAYERS -> "the end of its own run, all layers";
      default -> "the ends of other runs";
    };
  }
}
