package org.palimpsest.report.plot;

/**
 * How many tiles a layer's filters take, and in which arrangement.
 *
 * @param filters how many are drawn
 * @param channels how many of each are drawn
 * @param groupsAcross how many filters stand side by side
 */
record Tiling(int filters, int channels, int groupsAcross) {

  private static final int MOST = 16;
  private static final int FEW_CHANNELS = 4;
  private static final int MOST_OF_FEW_CHANNELS = 64;

  /** A row per filter; if it has few channels, several filters to a row. */
  static Tiling of(FilterMosaic.Filters set) {
    int all = set.kernels().length;
    if (set.channels() > FEW_CHANNELS) {
      return new Tiling(Math.min(MOST, all), Math.min(MOST, set.channels()), 1);
    }
    int shown = Math.min(MOST_OF_FEW_CHANNELS, all);
    int across = (int) Math.ceil(Math.sqrt(shown / (double) set.channels()));
    return new Tiling(shown, set.channels(), Math.min(across, shown));
  }

  int across() {
    return groupsAcross * channels;
  }

  int down() {
    return (filters + groupsAcross - 1) / groupsAcross;
  }
}
