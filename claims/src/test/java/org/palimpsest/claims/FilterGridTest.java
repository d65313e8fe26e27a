package org.palimpsest.claims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.claims.FilterGrid.NetworkPart;
import org.palimpsest.core.PalimpsestException;

class FilterGridTest {

  private static final long[] STEPS = {0, 10, 20};
  private static final double[] SLOWLY = {1, 0.8, 0.6};
  private static final double[] FAST = {1, 0.5, 0.2};

  @TempDir private Path folder;

  /** One filter of two weights in the encoder, and one that turns half as far in the decoder. */
  private Path weights(String name, double degrees) throws IOException {
    byte[] header =
        ("{\"enc1.weight\":{\"dtype\":\"F32\",\"shape\":[1,2,1,1],\"data_offsets\":[0,8]},"
                + "\"dec1.weight\":{\"dtype\":\"F32\",\"shape\":[1,2,1,1],\"data_offsets\":[8,16]}}")
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + header.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(header.length).put(header);
    for (double angle : new double[] {Math.toRadians(degrees), Math.toRadians(degrees) / 2}) {
      file.putFloat((float) Math.cos(angle)).putFloat((float) Math.sin(angle));
    }
    return Files.write(folder.resolve(name + ".safetensors"), file.array());
  }

  private FilterGrid.Network network(String name, double[] losses, double... angles)
      throws IOException {
    SortedMap<Long, Path> files = new TreeMap<>();
    SortedMap<Long, Double> byStep = new TreeMap<>();
    for (int i = 0; i < STEPS.length; i++) {
      files.put(STEPS[i], weights(name + STEPS[i], angles[i]));
      byStep.put(STEPS[i], losses[i]);
    }
    return new FilterGrid.Network(files, byStep);
  }

  private List<FilterGrid.Network> three(String name, double[] losses, double... angles)
      throws IOException {
    List<FilterGrid.Network> networks = new ArrayList<>();
    for (int i = -1; i <= 1; i++) {
      networks.add(network(name + i, losses, angles[0], angles[1] + i, angles[2] + i));
    }
    return networks;
  }

  @Test
  void networksAreHeldAgainstEachOtherWhereTheyHaveTheLossThatAllReach() throws IOException {
    Map<String, List<FilterGrid.Network>> cells = new LinkedHashMap<>();
    cells.put("slow", three("slow", SLOWLY, 0, 10, 30));
    cells.put("fast", three("fast", FAST, 0, 40, 80));

    FilterGrid grid = FilterGrid.of(cells);

    assertThat(grid.loss()).isEqualTo(0.6);
    FilterGrid.Cell slow = grid.cells().get(0);
    FilterGrid.Cell fast = grid.cells().get(1);
    assertThat(slow.steps()).containsExactly(20L, 20L, 20L);
    assertThat(fast.steps()).containsExactly(10L, 10L, 10L);
    assertThat(slow.atLoss()).isEqualTo(slow.atEnd());
    assertThat(fast.atEnd().encoder().point().orElseThrow()).isCloseTo(80, within(1e-3));
    assertThat(fast.atLoss().encoder().point().orElseThrow()).isCloseTo(40, within(1e-3));
    assertThat(fast.atLoss().decoder().point().orElseThrow()).isCloseTo(20, within(1e-3));
    assertThat(fast.atLoss().encoder().interval().low()).isCloseTo(40 - 2.484, within(1e-3));
    assertThat(grid.table().rows().get(1))
        .containsExactly(
            "fast",
            "3",
            "0.20",
            "80.0 (77.5 to 82.5)",
            "40.0 (37.5 to 42.5)",
            "40.0 (38.7 to 41.3)",
            "20.0 (18.7 to 21.3)",
            "10");
    assertThat(grid.caption()).contains("after equal steps", "at equal loss", "at most 0.60");
    assertThat(grid.chart(NetworkPart.ENCODER).draw().height()).isPositive();
  }

  @Test
  void fewNetworksHaveNoIntervalAndAnUntrainedLossIsReachedAtTheStart() throws IOException {
    FilterGrid grid =
        FilterGrid.of(Map.of("a", List.of(network("a", new double[] {1, 2, 3}, 0, 5, 9))));

    assertThat(grid.cells().get(0).steps()).containsExactly(0L);
    assertThat(grid.caption()).contains("before training", "train longer");
    assertThat(grid.table().rows().get(0)).contains("9.00", "0");
  }

  @Test
  void whatTheFigureCannotBeMadeOfIsRefused() throws IOException {
    SortedMap<Long, Path> files = new TreeMap<>(Map.of(0L, weights("x", 0), 5L, weights("y", 1)));
    SortedMap<Long, Double> losses = new TreeMap<>(Map.of(0L, 1.0, 5L, Double.NaN));

    assertThatThrownBy(() -> new FilterGrid.Network(files, losses))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("y.safetensors has the loss NaN");
    assertThatThrownBy(() -> new FilterGrid.Network(files, new TreeMap<>(Map.of(0L, 1.0))))
        .hasMessageContaining("the loss null");
    assertThatThrownBy(() -> new FilterGrid.Network(new TreeMap<>(), losses))
        .hasMessageContaining("checkpoint of step 0");
    assertThatThrownBy(() -> FilterGrid.of(Map.of())).hasMessageContaining("at least one network");
    FilterGrid.Network one = network("a", new double[] {3, 2, 1}, 0, 5, 9);
    assertThatThrownBy(() -> FilterGrid.of(Map.of("full", List.of(one), "none", List.of())))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'none'");
  }
}
