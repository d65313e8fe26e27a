package org.palimpsest.claims;

import java.util.List;
import org.palimpsest.claims.Evidence.Quantity;
import org.palimpsest.claims.Evidence.Scale;
import org.palimpsest.similarity.internal.statistics.BlockReuse;
import org.palimpsest.similarity.statistics.Estimate;

/** Reuse of features is not restricted to early layers. */
final class ReuseNotOnlyEarly extends Claim {

  private static final double MARGIN = 0.05;

  @Override
  public String number() {
    return "8";
  }

  @Override
  public String key() {
    return "reuse-not-only-early";
  }

  @Override
  public String statement() {
    return "Reuse of features is not restricted to early layers";
  }

  @Override
  public String judged() {
    return "A block is reused as far as it stays more similar to what it was before (linear CKA on"
        + " the probes) than chance explains. What chance explains is read in two ways: how similar"
        + " random networks become to the source; and how similar random networks stay to their own"
        + " starts. The claim holds if some deeper block, or the mean of all deeper blocks, is reused"
        + " by more than 0.05 (with a correction for the number of blocks) in both readings. It does"
        + " not hold if all lie below 0.05 in both.";
  }

  @Override
  public boolean isOfSomePart() {
    return true;
  }

  @Override
  public String needs() {
    return "checkpoints of the source, of runs that started from it (start and end) and of runs from"
        + " random weights (start and end), of networks of four blocks or more, and probes";
  }

  @Override
  Finding judge(Observations observations) {
    return Reuse.judged(
        this,
        observations,
        ReuseNotOnlyEarly::add,
        (found, reuse) -> found.isNotOnlyEarly(reuse.deeper(), MARGIN));
  }

  private static void add(BlockReuse found, Reuse reuse, String against, List<Evidence> evidence) {
    Estimate mean = found.meanOf(reuse.deeper());
    evidence.add(
        Evidence.above(
                Quantity.REUSE_OF_DEEPER_BLOCKS,
                "mean reuse of deeper blocks (CKA), " + against,
                mean,
                MARGIN,
                Scale.PLAIN)
            .needing(mean, 2 * MARGIN, "0.15")
            .overSources(reuse.hasSources()));
    for (int block : reuse.deeper()) {
      Estimate one = found.of(block);
      evidence.add(
          Evidence.above(
                  Quantity.REUSE_OF_BLOCK,
                  "reuse of block %s (CKA), %s".formatted(reuse.blocks().get(block), against),
                  one,
                  MARGIN,
                  Scale.PLAIN)
              .of(reuse.blocks().get(block))
              .needing(one, 2 * MARGIN, "0.15")
              .overSources(reuse.hasSources()));
    }
  }
}
