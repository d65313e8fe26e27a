package org.palimpsest.claims;

import java.util.Locale;

/** What {@link Evidence} is a value of. Its words may change, these stay. */
public enum Quantity {
  /** Doublings of training speed, over all goals. */
  DOUBLINGS_OF_SPEED,
  /** Doublings of training speed to one goal. */
  DOUBLINGS_TO_GOAL,
  /** What transferred networks have more in Dice. */
  GAIN,
  /** The gain with a hard task and few images, less the mean of the other gains. */
  GAIN_AHEAD,
  /** The same on the logit of Dice. */
  GAIN_AHEAD_ON_LOGIT,
  /** The interaction of the four gains. */
  GAIN_INTERACTION,
  /** The angle between filters before and after training, in degrees. */
  ANGLE_OF_FILTERS,
  /** The distance that filters moved, as a share of that between independent ones. */
  DISTANCE_OF_FILTERS,
  /** The share of filters that are still nearest to themselves. */
  FILTERS_NEAREST_TO_THEMSELVES,
  /** How often a trained kernel's neighbouring weights are more alike than a fresh one's. */
  KERNEL_SMOOTHNESS,
  /** How often a trained kernel's weights are more of one sign than a fresh one's. */
  KERNEL_ONE_SIGN,
  /** The same as {@link #KERNEL_SMOOTHNESS} of networks that were trained longer. */
  KERNEL_SMOOTHNESS_AFTER_LONGER,
  /** The same as {@link #KERNEL_ONE_SIGN} of networks that were trained longer. */
  KERNEL_ONE_SIGN_AFTER_LONGER,
  /** How often a Gabor filter is told from a fresh kernel. */
  KERNEL_SMOOTHNESS_OF_GABORS,
  /** The share of the way from the floor to the whole. */
  FROZEN_SHARE,
  /** A difference in Dice to the floor. */
  DICE_ABOVE_FLOOR,
  /** The share of the dissimilarity of two groups that is due to where they lie. */
  SHARE_APART,
  /** The same of random networks that share a start. */
  SHARE_APART_OF_SHARED_START,
  /** The share that a shared start does not explain. */
  SHARE_APART_BEYOND_SHARED_START,
  /** The dissimilarity across the groups over that within the random one (Raghu et al. 2019). */
  ACROSS_OVER_RANDOM,
  /** The ratio of distances within the groups. */
  RATIO_OF_SPREADS,
  /** The same, asked whether it can be as high. */
  RATIO_OF_SPREADS_AS_HIGH,
  /** The same of predictions. */
  RATIO_OF_SPREADS_OF_PREDICTIONS,
  /** The mean reuse of the deeper blocks. */
  REUSE_OF_DEEPER_BLOCKS,
  /** The reuse of one block. */
  REUSE_OF_BLOCK,
  /** The reuse of a deeper block, less that of an early one. */
  REUSE_DEEPER_LESS_EARLY,
  /** The trend of reuse from the first block to the last. */
  TREND_OF_REUSE;

  /** In JSON: {@code doublings_of_speed}. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
