package org.palimpsest.claims;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.palimpsest.claims.Evidence.Quantity;
import org.palimpsest.claims.Evidence.Scale;
import org.palimpsest.similarity.statistics.BlockReuse;
import org.palimpsest.similarity.statistics.Estimate;

/** Reuse can be stronger in deeper layers than in early ones. */
final class ReuseStrongerDeeper extends Claim {

  private static final double EFFECT = 0.15;

  @Override
  public String number() {
    return "8′";
  }

  @Override
  public String key() {
    return "reuse-stronger-deeper";
  }

  @Override
  public String statement() {
    return "Reuse of features can be stronger in deeper layers than in early ones";
  }

  @Override
  public String judged() {
    return "With reuse read in the same two ways: the claim holds if some deeper block is reused"
        + " more than every early one, and does not hold if each deeper block is reused less than"
        + " some early one (with corrections for the number of blocks), in both readings.";
  }

  @Override
  public String needs() {
    return new ReuseNotOnlyEarly().needs();
  }

  @Override
  Finding judge(Observations observations) {
    return Reuse.judged(
        this,
        observations,
        ReuseStrongerDeeper::add,
        (found, reuse) -> found.isStrongerDeeper(reuse.early(), reuse.deeper()));
  }

  private static void add(BlockReuse found, Reuse reuse, String against, List<Evidence> evidence) {
    int deeper = most(found, reuse.deeper());
    int early = most(found, reuse.early());
    Estimate difference = found.difference(deeper, early);
    evidence.add(
        Evidence.above(
                Quantity.REUSE_DEEPER_LESS_EARLY,
                "reuse (CKA) of %s, the most reused deeper block, minus that of %s, the most reused early one, %s"
                    .formatted(reuse.blocks().get(deeper), reuse.blocks().get(early), against),
                difference,
                0,
                Scale.PLAIN)
            .needing(difference, EFFECT, "0.15")
            .overSources(reuse.hasSources()));
    evidence.add(
        Evidence.above(
                Quantity.TREND_OF_REUSE,
                "trend of reuse, from the first block to the last (CKA), " + against,
                found.trend(),
                0,
                Scale.PLAIN)
            .overSources(reuse.hasSources())
            .beside());
  }

  private static int most(BlockReuse found, int... blocks) {
    return IntStream.of(blocks)
        .boxed()
        .max(Comparator.comparingDouble(block -> found.of(block).point().orElse(0)))
        .orElseThrow();
  }
}
