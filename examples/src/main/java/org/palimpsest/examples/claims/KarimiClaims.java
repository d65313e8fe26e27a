package org.palimpsest.examples.claims;

import org.palimpsest.examples.verdict.Claim;
import org.palimpsest.examples.verdict.Rule;

/** What Karimi, Warfield and Gholipour say of transfer in segmentation, arXiv:2006.00356. */
public final class KarimiClaims {

  /** By how much Dice is higher where a result is called better. */
  public static final double BETTER = 0.02;

  private static final String SOURCE = "Karimi, Warfield and Gholipour, arXiv:2006.00356";
  private static final String SMALL =
      "The source is one network that learned one task of synthetic images in a few"
          + " hundred steps, and the targets are small too.";
  private static final String ONE_SOURCE =
      "All transferred networks here start from the very same weights and see the same"
          + " few images, and networks fine-tuned from one start stay near each other (Neyshabur et"
          + " al. 2020, arXiv:2008.11687).";
  private static final String NARROW =
      "A layer of a few channels on images of the same grid resembles its like in any"
          + " network, since both still show the image; the earlier the layer the more so,"
          + " which leaves less for reuse to add.";
  private static final String REUSE =
      "reuse of a layer is its linear_cka to the source's, in a transferred network"
          + " minus the mean of networks that started at random, on images of the target;"
          + " early is the first quarter of the layers, deeper the rest but the last, which"
          + " gives the prediction; ";

  public static final Claim TRANSFER_IS_FASTER =
      new Claim(
          "Transfer makes training faster",
          SOURCE,
          "in each condition, log2 of the steps to 95% of the network's own final Dice,"
              + " random minus transfer of the same seed, is above 0 (1 is twice as fast), with"
              + " Student's interval over seeds.",
          new Rule.Above(0),
          SMALL);

  public static final Claim TRANSFER_IS_BETTER_WHERE_HARD_AND_FEW =
      new Claim(
          "Transfer makes the result better where the task is hard and the images few, and"
              + " only there",
          SOURCE,
          "final Dice, transfer minus random of the same seed, is above 0.02 where the task"
              + " is hard and the images few, and below 0.02 in every other condition, with"
              + " Student's interval over seeds.",
          new Rule.Above(BETTER),
          SMALL);

  public static final Claim FILTERS_CHANGE_LITTLE =
      new Claim(
          "Filters change little during training",
          SOURCE,
          "the cosine of a filter before and after training, in the mean over filters and"
              + " layers, is above 0.9, in networks that start at random and in transferred ones,"
              + " with Student's interval over seeds.",
          new Rule.Above(0.9),
          "Narrow layers have few filters, and each of them has to move farther for the"
              + " network to learn; Adam at a rate of 0.002 moves small weights far in a few"
              + " hundred steps.");

  public static final Claim FILTERS_LOOK_RANDOM =
      new Claim(
          "Trained filters still look random",
          SOURCE,
          "in networks that started at random, no test of structure (smooth kernels, few"
              + " directions) rejects independent weights at 5%, corrected for tests and layers,"
              + " in more than half of the layers, with Student's interval over seeds.",
          new Rule.Above(0.5),
          "The tests see what eyes do not: with hundreds of weights in a layer a slight"
              + " smoothness is enough. The table tells how much structure there is.");

  public static final Claim FROZEN_RANDOM_ENCODER_IS_QUITE_ACCURATE =
      new Claim(
          "A network whose encoder is frozen at random weights is quite accurate",
          SOURCE,
          "its Dice is above 0.9 of that of a network of the same seed that is trained"
              + " whole, in each condition, with Student's interval over seeds.",
          new Rule.Above(0.9),
          "The encoder here is narrow (a few dozen random filters give the decoder little"
              + " to choose from) and its batch normalisation is not trained either.");

  public static final Claim TRANSFER_LEARNS_OTHER_REPRESENTATIONS =
      new Claim(
          "Transferred networks learn other representations than networks that start at"
              + " random",
          SOURCE,
          "the similarity of a transferred and a random network lies below that of two"
              + " random networks: the difference of means over pairs and layers (linear_cka),"
              + " with a jackknife interval over networks, is below 0. The table below holds the"
              + " same by svcca.",
          new Rule.Below(0),
          ONE_SOURCE);

  public static final Claim TRANSFER_VARIES_AS_MUCH =
      new Claim(
          "Transferred networks vary among themselves as much as random ones do",
          SOURCE,
          "two transferred networks are more alike than two random ones by less than 0.05"
              + " of linear_cka, in the mean over pairs and layers, with a jackknife interval over"
              + " networks.",
          new Rule.Below(0.05),
          ONE_SOURCE);

  public static final Claim REUSE_IS_NOT_ONLY_EARLY =
      new Claim(
          "Reuse of features is not restricted to early layers",
          SOURCE,
          REUSE
              + "mean reuse of the deeper layers is above 0.05, Welch's"
              + " interval over transferred and random networks.",
          new Rule.Above(0.05),
          NARROW);

  public static final Claim REUSE_CAN_BE_STRONGER_DEEPER =
      new Claim(
          "Reuse can be stronger in deeper layers than in early ones",
          SOURCE,
          REUSE
              + "mean reuse, deeper minus early, is above 0, Welch's"
              + " interval over transferred and random networks.",
          new Rule.Above(0),
          NARROW);

  private KarimiClaims() {}
}
