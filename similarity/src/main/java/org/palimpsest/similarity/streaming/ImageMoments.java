package org.palimpsest.similarity.streaming;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UTFDataFormatException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.comparison.PartialComparison.StreamedLayers;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.cka.Cka;
import org.palimpsest.similarity.internal.linalg.Dense;

/**
 * What {@code debiased_linear_cka} needs of layers whose positions are the samples: sums over
 * images of their moments, gathered in one pass. The estimator is that of layers in memory: no
 * product of two rows of one image counts. Sums of different images merge in any order.
 *
 * <p>Memory: for p and q features of a pair {@code 16 p q} bytes, and for each layer {@code 16 p²}.
 * Cost: that of X'Y of each pair, and of X'X of each layer. Not safe for use by several threads.
 *
 * <p>See {@link CoMoments#ofImages}.
 */
final class ImageMoments implements StreamedLayers {

  private static final int FEWEST_IMAGES = 4;
  private static final double ROUNDING = 1e-12;
  private static final int MOST_LAYERS = 1 << 16;
  private static final byte[] MAGIC = "PALIMIMG".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 1;

  /** Of mean squared deviations, whose squares float64 must hold. */
  private static final double LEAST_SQUARE = 1e-140;

  private static final double GREATEST_SQUARE = 1e140;

  private record Streaming() implements StreamedLayers.Kind {

    @Override
    public void requireEnoughFor(Measure<?> measure) {
      if (!measure.equals(Cka.debiased())) {
        throw new PalimpsestException(
            "Moments of images are for debiased_linear_cka alone, not for %s: gather co-moments."
                .formatted(measure.name()));
      }
    }

    @Override
    public StreamedLayers begin() {
      return new ImageMoments();
    }

    @Override
    public StreamedLayers read(InputStream in) throws IOException {
      try {
        return readAll(in);
      } catch (EOFException cut) {
        throw new PalimpsestException(
            "The moments of images are cut short or damaged. Gather them again.", cut);
      }
    }
  }

  private List<ImageSums> ofA = List.of();
  private List<ImageSums> ofB = List.of();
  private List<ImagePair> selvesOfA = List.of();
  private List<ImagePair> selvesOfB = List.of();
  private List<List<ImagePair>> pairs = List.of();

  private ImageMoments() {}

  /** For {@link Comparison#stream} and {@link Comparison#partial}. */
  public static StreamedLayers.Kind streaming() {
    return new Streaming();
  }

  @Override
  public void add(List<Representation> a, List<Representation> b) {
    if (ofA.isEmpty()) {
      ofA = a.stream().map(ImageSums::begin).toList();
      ofB = b.stream().map(ImageSums::begin).toList();
      selvesOfA = selves(ofA);
      selvesOfB = selves(ofB);
      pairs = ofA.stream().map(row -> pairsOf(row, ofB)).toList();
    }
    requireSame(infos(ofA), a.stream().map(Representation::info).toList());
    requireSame(infos(ofB), b.stream().map(Representation::info).toList());
    long images = a.get(0).info().probeCount();
    for (int image = 0; image < images; image++) {
      addImage(rows(ofA, a, image), rows(ofB, b, image));
    }
  }

  private static List<ImagePair> selves(List<ImageSums> layers) {
    return layers.stream().map(one -> ImagePair.none(one.width(), one.width())).toList();
  }

  private static List<ImagePair> pairsOf(ImageSums row, List<ImageSums> columns) {
    return columns.stream().map(other -> ImagePair.none(row.width(), other.width())).toList();
  }

  private static List<Representation.Info> infos(List<ImageSums> layers) {
    return layers.stream().map(ImageSums::info).toList();
  }

  private static void requireSame(List<Representation.Info> known, List<Representation.Info> more) {
    boolean same = known.size() == more.size();
    for (int i = 0; same && i < known.size(); i++) {
      same =
          known.get(i).layer().equals(more.get(i).layer())
              && known.get(i).features() == more.get(i).features()
              && known.get(i).rowsPerProbe() == more.get(i).rowsPerProbe();
    }
    if (!same) {
      throw new PalimpsestException(
          "Moments of the layers %s cannot go on with %s. Give the same layers each time."
              .formatted(known, more));
    }
  }

  private static List<Dense> rows(List<ImageSums> sums, List<Representation> batch, int image) {
    return IntStream.range(0, sums.size())
        .mapToObj(i -> sums.get(i).rows(batch.get(i), image))
        .toList();
  }

  private void addImage(List<Dense> u, List<Dense> v) {
    List<double[]> m = u.stream().map(ImageSums::mean).toList();
    List<double[]> l = v.stream().map(ImageSums::mean).toList();
    List<List<ImagePair>> more = new ArrayList<>();
    for (int i = 0; i < u.size(); i++) {
      List<ImagePair> row = new ArrayList<>();
      for (int j = 0; j < v.size(); j++) {
        row.add(pairs.get(i).get(j).plus(u.get(i), v.get(j), m.get(i), l.get(j)));
      }
      more.add(row);
    }
    pairs = more;
    selvesOfA = plusSelves(selvesOfA, u, m);
    selvesOfB = plusSelves(selvesOfB, v, l);
    ofA = plusImage(ofA, u, m);
    ofB = plusImage(ofB, v, l);
  }

  private static List<ImagePair> plusSelves(
      List<ImagePair> selves, List<Dense> rows, List<double[]> means) {
    return IntStream.range(0, rows.size())
        .mapToObj(i -> selves.get(i).plus(rows.get(i), rows.get(i), means.get(i), means.get(i)))
        .toList();
  }

  private static List<ImageSums> plusImage(
      List<ImageSums> sums, List<Dense> rows, List<double[]> means) {
    return IntStream.range(0, rows.size())
        .mapToObj(i -> sums.get(i).plus(rows.get(i), means.get(i)))
        .toList();
  }

  @Override
  public void merge(StreamedLayers others) {
    if (!(others instanceof ImageMoments more)) {
      throw new PalimpsestException("Moments of images can be merged with their like alone.");
    }
    if (more.ofA.isEmpty()) {
      return;
    }
    if (ofA.isEmpty()) {
      accept(more.ofA, more.ofB, more.selvesOfA, more.selvesOfB, more.pairs);
      return;
    }
    requireSame(infos(ofA), infos(more.ofA));
    requireSame(infos(ofB), infos(more.ofB));
    List<double[]> s = steps(more.ofA, ofA);
    List<double[]> t = steps(more.ofB, ofB);
    List<List<ImagePair>> sums = new ArrayList<>();
    for (int i = 0; i < ofA.size(); i++) {
      List<ImagePair> row = new ArrayList<>();
      for (int j = 0; j < ofB.size(); j++) {
        ImagePair other = more.pairs.get(i).get(j);
        ImagePair moved = other.shifted(more.ofA.get(i), s.get(i), more.ofB.get(j), t.get(j));
        row.add(pairs.get(i).get(j).plus(moved));
      }
      sums.add(row);
    }
    accept(
        plus(ofA, more.ofA, s),
        plus(ofB, more.ofB, t),
        plus(selvesOfA, more.selvesOfA, more.ofA, s),
        plus(selvesOfB, more.selvesOfB, more.ofB, t),
        sums);
  }

  private void accept(
      List<ImageSums> a,
      List<ImageSums> b,
      List<ImagePair> selfA,
      List<ImagePair> selfB,
      List<List<ImagePair>> all) {
    ofA = a;
    ofB = b;
    selvesOfA = selfA;
    selvesOfB = selfB;
    pairs = all;
  }

  private static List<double[]> steps(List<ImageSums> from, List<ImageSums> to) {
    return IntStream.range(0, from.size())
        .mapToObj(i -> from.get(i).towards(to.get(i).origin()))
        .toList();
  }

  private static List<ImageSums> plus(
      List<ImageSums> sums, List<ImageSums> more, List<double[]> steps) {
    return IntStream.range(0, sums.size())
        .mapToObj(i -> sums.get(i).plus(more.get(i).shifted(steps.get(i))))
        .toList();
  }

  private static List<ImagePair> plus(
      List<ImagePair> selves, List<ImagePair> more, List<ImageSums> of, List<double[]> steps) {
    return IntStream.range(0, selves.size())
        .mapToObj(
            i ->
                selves
                    .get(i)
                    .plus(more.get(i).shifted(of.get(i), steps.get(i), of.get(i), steps.get(i))))
        .toList();
  }

  @Override
  public Score score(Measure<?> measure, int a, int b) {
    ImageSums sideA = ofA.get(a);
    ImageSums sideB = ofB.get(b);
    double selfA = self(sideA, selvesOfA.get(a));
    double selfB = self(sideB, selvesOfB.get(b));
    double between = criterion(pairs.get(a).get(b), sideA, sideB);
    return Score.of(
        between / Math.sqrt(selfA) / Math.sqrt(selfB),
        measure.properties(),
        Diagnostics.of(sideA.info().samples()));
  }

  /** About the true means, where products lose the fewest digits. */
  private static double criterion(ImagePair pair, ImageSums a, ImageSums b) {
    double[] s = a.mean();
    double[] t = b.mean();
    return pair.shifted(a, s, b, t).criterion(a.shifted(s), b.shifted(t));
  }

  private static double self(ImageSums layer, ImagePair products) {
    Representation.Info info = layer.info();
    if (info.probeCount() < FEWEST_IMAGES) {
      throw new PalimpsestException(
          "Layer '%s' has %s samples of %s images; the unbiased estimator needs %s images or more, since positions of one image are not independent. Show more probes, or use linear_cka."
              .formatted(info.layer(), info.samples(), info.probeCount(), FEWEST_IMAGES));
    }
    double square = layer.shifted(layer.mean()).norms() / info.samples();
    if (!(square > LEAST_SQUARE && square < GREATEST_SQUARE)) {
      throw new PalimpsestException(
          "Layer '%s' (%s samples × %s features) has the mean squared deviation %s, too small or too large for float64 sums of fourth powers. Scale it, or leave it out if it is constant."
              .formatted(info.layer(), info.samples(), info.features(), square));
    }
    double self = criterion(products, layer, layer);
    if (!(self > ROUNDING * square * square)) {
      throw new PalimpsestException(
          "Layer '%s' (%s samples × %s features) has no similarity between different images left after debiasing. Show more probes."
              .formatted(info.layer(), info.samples(), info.features()));
    }
    return self;
  }

  /** {@code PALIMIMG}, a version, all sums, and the CRC-32 of all bytes before it. */
  @Override
  public void write(OutputStream stream) throws IOException {
    CheckedOutputStream checked = new CheckedOutputStream(stream, new CRC32());
    DataOutputStream out = new DataOutputStream(checked);
    out.write(MAGIC);
    out.writeInt(VERSION);
    for (List<ImageSums> side : List.of(ofA, ofB)) {
      out.writeInt(side.size());
      for (ImageSums layer : side) {
        layer.write(out);
      }
    }
    Stream<ImagePair> selves = Stream.concat(selvesOfA.stream(), selvesOfB.stream());
    for (ImagePair pair : Stream.concat(selves, pairs.stream().flatMap(List::stream)).toList()) {
      pair.write(out);
    }
    out.writeLong(checked.getChecksum().getValue());
    out.flush();
  }

  private static ImageMoments readAll(InputStream stream) throws IOException {
    CheckedInputStream checked = new CheckedInputStream(stream, new CRC32());
    DataInputStream in = new DataInputStream(checked);
    if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
      throw new PalimpsestException(
          "These are no moments of images: they do not begin with PALIMIMG.");
    }
    int version = in.readInt();
    if (version != VERSION) {
      throw new PalimpsestException(
          "These moments of images are of version %s; this library reads version %s."
              .formatted(version, VERSION));
    }
    try {
      ImageMoments read = new ImageMoments();
      read.fill(in);
      long expected = checked.getChecksum().getValue();
      if (in.readLong() != expected) {
        throw new PalimpsestException(
            "The moments of images are damaged: their checksum does not fit. Gather them again.");
      }
      return read;
    } catch (UTFDataFormatException | ArithmeticException broken) {
      throw new PalimpsestException(
          "The moments of images are damaged: they hold a broken text or size. Gather them again.",
          broken);
    }
  }

  private void fill(DataInputStream in) throws IOException {
    List<ImageSums> a = layers(in);
    List<ImageSums> b = layers(in);
    List<ImagePair> selfA = selves(a, in);
    List<ImagePair> selfB = selves(b, in);
    List<List<ImagePair>> all = new ArrayList<>();
    for (ImageSums row : a) {
      List<ImagePair> of = new ArrayList<>();
      for (ImageSums column : b) {
        of.add(ImagePair.read(row.width(), column.width(), in));
      }
      all.add(of);
    }
    accept(a, b, selfA, selfB, all);
  }

  private static List<ImageSums> layers(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > MOST_LAYERS) {
      throw new PalimpsestException(
          "The moments of images are damaged: they hold %s layers. Gather them again."
              .formatted(count));
    }
    List<ImageSums> layers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      layers.add(ImageSums.read(in));
    }
    return layers;
  }

  private static List<ImagePair> selves(List<ImageSums> layers, DataInputStream in)
      throws IOException {
    List<ImagePair> selves = new ArrayList<>();
    for (ImageSums layer : layers) {
      selves.add(ImagePair.read(layer.width(), layer.width(), in));
    }
    return selves;
  }
}
