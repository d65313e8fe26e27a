package org.palimpsest.similarity.filters;

import java.util.List;
import org.palimpsest.similarity.filters.NetworkRandomness.Question;
import org.palimpsest.similarity.filters.NetworkRandomness.TestResult;

/** One or more tests of a layer. */
@FunctionalInterface
interface RandomnessCheck {

  /**
   * Makes the tests that the layer is large enough for.
   *
   * @param sample the layer's weights, not constant
   * @param notes takes the reason if a test cannot be made
   * @return the results, uncorrected; empty if none can be made
   */
  List<TestResult> test(Sample sample, List<String> notes);

  static TestResult result(
      Question question,
      String statistic,
      double value,
      double low,
      double high,
      double p,
      long n) {
    return new TestResult(question, statistic, value, low, high, p, p, n);
  }

  /** Notes and answers true if there are fewer weights than a test needs. */
  static boolean tooFew(Sample sample, int least, String statistic, List<String> notes) {
    if (sample.count() >= least) {
      return false;
    }
    notes.add(
        "%s needs %s weights, layer '%s' has %s."
            .formatted(statistic, least, sample.layout().layer(), sample.count()));
    return true;
  }
}
