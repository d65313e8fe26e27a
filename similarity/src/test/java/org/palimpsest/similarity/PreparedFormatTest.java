package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.core.representation.Representation;

/** A prepared layer that was put aside and read again gives the very same scores. */
class PreparedFormatTest {

  private static final Representation X = Representation.of("x", Npy.golden("tall_x"));
  private static final Representation Y = Representation.of("y", Npy.golden("tall_y"));

  static Stream<String> names() {
    return Stream.concat(
        Measures.catalogue().stream().map(MeasureEntry::name),
        Stream.of("cca_mean:tolerance=1e-6", "rsa:mahalanobis:pearson", "svcca:k=2"));
  }

  @ParameterizedTest
  @MethodSource("names")
  void scoresStayTheSame(String name) throws Exception {
    compare(Measures.parse(name));
  }

  private static <P extends Prepared> void compare(Measure<P> measure) throws Exception {
    P fresh = measure.preparation().prepare(X);
    P other = measure.preparation().prepare(Y);
    PreparedFormat<P> format = measure.preparation().format().orElseThrow();
    P unused = again(format, fresh);
    double value = measure.compare(fresh, other).value();
    P used = again(format, fresh);

    assertThat(measure.compare(unused, again(format, other)).value()).isEqualTo(value);
    assertThat(measure.compare(used, other).value()).isEqualTo(value);
    assertThat(used.bytes()).isEqualTo(fresh.bytes()).isPositive();
  }

  private static <P extends Prepared> P again(PreparedFormat<P> format, P prepared)
      throws IOException {
    byte[] bytes = written(format, prepared);
    PreparedInput in = new PreparedInput(new ByteArrayInputStream(bytes), bytes.length);
    P read = format.read(in);
    assertThat(in.left()).isZero();
    return read;
  }

  private static <P extends Prepared> byte[] written(PreparedFormat<P> format, P prepared)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    format.write(prepared, new PreparedOutput(bytes));
    return bytes.toByteArray();
  }

  @ParameterizedTest
  @MethodSource("names")
  void nothingIsReadOfACutOne(String name) throws IOException {
    assertCutIsRefused(Measures.parse(name));
  }

  private static <P extends Prepared> void assertCutIsRefused(Measure<P> measure)
      throws IOException {
    PreparedFormat<P> format = measure.preparation().format().orElseThrow();
    byte[] whole = written(format, measure.preparation().prepare(X));
    for (int length : new int[] {0, 3, whole.length / 2, whole.length - 1}) {
      PreparedInput in = new PreparedInput(new ByteArrayInputStream(whole, 0, length), length);
      assertThatThrownBy(() -> format.read(in)).isInstanceOf(IOException.class);
    }
  }
}
