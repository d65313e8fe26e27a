package org.palimpsest.io.djl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;

class TorchScriptThreadsTest {

  private static final int THREADS = 3;

  /** What leaks, leaks every time; Java's own heap may grow once or twice. */
  private static final int ATTEMPTS = 4;

  private static final int ROUNDS = 40;
  private static final long LEAK_KILOBYTES = 64 << 10;

  @Test
  void severalThreadsMayRunOneNetworkAndOpenTheirOwn() throws Exception {
    HookedActivations hooked = HookedActivations.read("unet_traced");
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (TorchScriptNetwork shared = TorchScriptNetworkTest.open("unet_traced")) {
      List<Future<ActivationSet>> results = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        results.add(
            threads.submit(() -> shared.capture(Probes.of(hooked.probes()), LayerSelector.all())));
        results.add(
            threads.submit(
                () -> TorchScriptNetworkTest.capture("unet_traced", hooked.probes(), 2)));
      }
      for (Future<ActivationSet> result : results) {
        ActivationSet captured = result.get();
        hooked
            .layers()
            .forEach(
                (layer, values) ->
                    TorchScriptNetworkTest.assertClose(
                        layer, captured.get(layer).values(), values));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void openingAndRunningAgainAndAgainDoesNotFillMemory() throws IOException {
    HookedActivations hooked = HookedActivations.read("unet_traced");
    openAndRun(hooked, ROUNDS);
    long least = Long.MAX_VALUE;
    for (int attempt = 0; attempt < ATTEMPTS && least >= LEAK_KILOBYTES; attempt++) {
      long before = residentKilobytes();
      openAndRun(hooked, ROUNDS);
      least = Math.min(least, residentKilobytes() - before);
    }
    assertThat(least).isLessThan(LEAK_KILOBYTES);
  }

  private static void openAndRun(HookedActivations hooked, int rounds) {
    for (int i = 0; i < rounds; i++) {
      TorchScriptNetworkTest.capture("unet_traced", hooked.probes(), 1);
    }
    System.gc();
  }

  private static long residentKilobytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }
}
