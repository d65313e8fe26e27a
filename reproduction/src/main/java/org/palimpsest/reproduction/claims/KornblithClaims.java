package org.palimpsest.reproduction.claims;

import org.palimpsest.reproduction.verdict.PaperClaim;
import org.palimpsest.reproduction.verdict.Rule;

/** What Kornblith et al. say of which measures find the corresponding layer of another network. */
public final class KornblithClaims {

  private static final String SOURCE = "Kornblith et al. 2019, arXiv:1905.00414, table 2";
  private static final String NARROW =
      "Kornblith et al. took a chain of ten wide layers, trained on CIFAR-10 for long;"
          + " here layers are few channels wide, and a U-Net's decoder mirrors its encoder, so"
          + " that a layer has neighbours on both sides that are nearly as like. In narrow"
          + " layers CCA has little noise to fit, which is what spoils it in wide ones.";

  public static final PaperClaim CKA_FINDS_NEARLY_ALL_LAYERS =
      new PaperClaim(
          "CKA finds nearly all corresponding layers (99% in the paper)",
          SOURCE,
          "the share of layers whose most similar layer in another network is the"
              + " corresponding one, by linear_cka, over all ordered pairs of networks, is above"
              + " 0.9, with a jackknife interval over networks, both in networks that learned the"
              + " target from few images and in networks that learned the source from many.",
          new Rule.Above(0.9),
          NARROW);

  public static final PaperClaim CCA_FINDS_FEWER_LAYERS =
      new PaperClaim(
          "Measures of the CCA type find fewer than CKA (1% to 15% in the paper)",
          SOURCE,
          "the same share by linear_cka minus that by each of cca_mean, cca_mean_squared,"
              + " svcca and pwcca is above 0, with a jackknife interval over networks, in either"
              + " kind of network.",
          new Rule.Above(0),
          NARROW);

  private KornblithClaims() {}
}
