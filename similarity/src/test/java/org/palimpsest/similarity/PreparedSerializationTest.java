package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.catalogue.MeasureEntry;

/** A prepared layer that was put aside and read again gives the very same scores. */
class PreparedSerializationTest {

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
    P unused = again(fresh);
    double value = measure.compare(fresh, other).value();
    P used = again(fresh);

    assertThat(measure.compare(unused, again(other)).value()).isEqualTo(value);
    assertThat(measure.compare(used, other).value()).isEqualTo(value);
    assertThat(used.bytes()).isEqualTo(fresh.bytes()).isPositive();
  }

  @SuppressWarnings("unchecked") // what is read is what was written
  private static <P extends Prepared> P again(P prepared) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    write(prepared, bytes);
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (P) in.readObject();
    }
  }

  private static void write(Prepared prepared, ByteArrayOutputStream bytes) throws IOException {
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(prepared);
    }
  }
}
