package org.palimpsest.reproduction.claims;

import org.palimpsest.reproduction.verdict.PaperClaim;
import org.palimpsest.reproduction.verdict.Rule;

/** What Raghu et al. say of the order in which layers converge, and what is asked of it here. */
public final class RaghuClaims {

  private static final String SOURCE = "Raghu et al. 2017, arXiv:1706.05806";
  private static final String ORDER =
      "a layer's lateness is 1 minus its linear_cka to its final self, averaged over"
          + " the log-spaced checkpoints between start and end; the order is Spearman's"
          + " correlation of lateness with depth over all blocks, Student's interval over"
          + " seeds; ";

  public static final PaperClaim LAYERS_CONVERGE_BOTTOM_UP =
      new PaperClaim(
          "Layers converge bottom-up, those nearest to the input first",
          SOURCE,
          ORDER + "in networks that start at random it is above 0.",
          new Rule.Above(0),
          "In a U-Net the last blocks are near the input too, by the skip connections, and"
              + " the blocks around the bottleneck can be of little use in small images; Raghu et"
              + " al. looked at networks without skips. A block that hardly moves from its random"
              + " start counts as early.");

  public static final PaperClaim SAME_ORDER_UNDER_TRANSFER =
      new PaperClaim(
          "Under transfer layers converge in the same order",
          "asked here; the paper compares the dynamics without such a claim",
          ORDER + "transfer minus random of the same seed lies between -0.3 and 0.3.",
          new Rule.Between(-0.3, 0.3),
          "Transferred layers start as what the source made of them, and those that the"
              + " target can use at once have little way to go.");

  private RaghuClaims() {}
}
