package org.palimpsest.cli;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.internal.file.Aside;

/**
 * Two networks that run in processes of their own, as they are for whoever shows the same probes to
 * one and then to the other: the second begins when the first does.
 */
final class ShownTogether {

  /** What the second was asked before its turn. */
  private record Asked(Probes probes, LayerSelector layers, Aside<ActivationSet> answer) {}

  private final ActivationSource first;
  private final ActivationSource second;
  private final LayerSelector layersOfSecond;
  private @Nullable Asked asked;

  ShownTogether(ActivationSource first, ActivationSource second, LayerSelector layersOfSecond) {
    this.first = first;
    this.second = second;
    this.layersOfSecond = layersOfSecond;
  }

  ActivationSource first() {
    return new View(first) {
      @Override
      public ActivationSet capture(Probes probes, LayerSelector layers, Progress progress) {
        Aside<ActivationSet> answer =
            Aside.begin(
                "palimpsest-second-network",
                () -> second.capture(probes, layersOfSecond, Progress.silent()));
        asked = new Asked(probes, layersOfSecond, answer);
        try {
          return first.capture(probes, layers, progress);
        } catch (RuntimeException | Error failure) {
          asked = null;
          answer.abandon(unused -> {});
          throw failure;
        }
      }
    };
  }

  ActivationSource second() {
    return new View(second) {
      @Override
      public ActivationSet capture(Probes probes, LayerSelector layers, Progress progress) {
        Asked before = asked;
        asked = null;
        return before != null && before.probes == probes && before.layers.equals(layers)
            ? before.answer.result()
            : second.capture(probes, layers, progress);
      }
    };
  }

  /** A network as it is. */
  private abstract static class View implements ActivationSource {

    private final ActivationSource network;

    View(ActivationSource network) {
      this.network = network;
    }

    @Override
    public String name() {
      return network.name();
    }

    @Override
    public Provenance provenance() {
      return network.provenance();
    }

    @Override
    public void run(
        Probes probes,
        LayerSelector layers,
        Progress progress,
        Consumer<ActivationBatch> receiver) {
      network.run(probes, layers, progress, receiver);
    }

    @Override
    public void close() {
      network.close();
    }
  }
}
