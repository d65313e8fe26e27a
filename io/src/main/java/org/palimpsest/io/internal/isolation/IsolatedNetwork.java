package org.palimpsest.io.internal.isolation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.ActivationSource.CapturedBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.LayerMatrices.MatrixBatch;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;
import org.palimpsest.core.representation.LayerMatrices.ReducingSource;
import org.palimpsest.internal.file.Aside;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.internal.capture.OffHeapBudget;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.MemoryBound;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/**
 * A network in a file that runs in a Java process of its own.
 *
 * <p>A native runtime is no sandbox: a file can make it die, and the process with it. Here that
 * ends in one exception which names the file and the signal, and everything else goes on. What the
 * network prints does not reach this process's output.
 *
 * <p>Cost: starting a Java process (about a second, for the first network; the next one takes the
 * process over), its memory, and a copy of the probes and of each selected layer between the
 * processes.
 */
public final class IsolatedNetwork implements ReducingSource {

  private final Path file;
  private final ChildJava child;
  private final Wire wire;
  private final OffHeapBudget garbage;
  private boolean closed;
  private String name = "";
  private Provenance provenance = Provenance.inMemory("");

  private IsolatedNetwork(Path file, ChildJava child, Wire wire, OffHeapBudget garbage) {
    this.file = file;
    this.child = child;
    this.wire = wire;
    this.garbage = garbage;
  }

  /** Whether files of this kind can be run so: those for which a native runtime is needed. */
  public static boolean runs(FileKind kind) {
    return kind == FileKind.TORCHSCRIPT || kind == FileKind.ONNX;
  }

  /**
   * Starts a process in which a network of this memory will run. What goes wrong is told when that
   * network is opened.
   *
   * @param kind of the network, whose runtime is loaded at once
   */
  public static void startAhead(FileKind kind, MemoryBound memory) {
    ChildPool.startAhead(kind, Thrift.within(memory));
  }

  /**
   * Starts a process that opens a network.
   *
   * @param file a TorchScript archive or an ONNX model
   * @param limits how it is run; the memory is that of its own process
   * @throws PalimpsestException if no process can be started, or the file cannot be opened there
   */
  public static IsolatedNetwork open(Path file, RunLimits limits) {
    return open(file, limits, NetworkOptions.none());
  }

  /**
   * Starts a process that opens a network.
   *
   * @param file as {@link #open(Path, RunLimits)}, or a file or folder from which one is built
   * @param options what the user says of it
   * @throws PalimpsestException as {@link #open(Path, RunLimits)}
   */
  public static IsolatedNetwork open(Path file, RunLimits limits, NetworkOptions options) {
    requireFile(file);
    ChildJava child = ChildPool.take(Thrift.within(limits.memory()), FileKind.of(file));
    return open(file, limits, options, child, child.take().orElseThrow());
  }

  /**
   * Opens two networks side by side, in one process, which saves starting another; if one of the
   * two makes the process die, both are lost. Where memory is limited each has its own process.
   *
   * @param first as {@link #open(Path, RunLimits, NetworkOptions)}
   * @param second likewise
   * @throws PalimpsestException as {@link #open(Path, RunLimits)}, of the first if both fail
   */
  public static List<IsolatedNetwork> openBoth(
      Path first, NetworkOptions ofFirst, Path second, NetworkOptions ofSecond, RunLimits limits) {
    requireFile(first);
    requireFile(second);
    if (limits.memory().isLimited()) {
      return besides(() -> open(first, limits, ofFirst), () -> open(second, limits, ofSecond));
    }
    ChildJava child = ChildPool.take(Thrift.within(limits.memory()), FileKind.of(first));
    Wire wire = child.take().orElseThrow();
    Wire beside = child.take().orElseThrow();
    return besides(
        () -> open(first, limits, ofFirst, child, wire),
        () -> open(second, limits, ofSecond, child, beside));
  }

  private static List<IsolatedNetwork> besides(
      Supplier<IsolatedNetwork> first, Supplier<IsolatedNetwork> second) {
    Aside<IsolatedNetwork> opening = Aside.begin("palimpsest-opening", second);
    IsolatedNetwork opened;
    try {
      opened = first.get();
    } catch (RuntimeException failure) {
      opening.abandon(IsolatedNetwork::close);
      throw failure;
    }
    try {
      return List.of(opened, opening.result());
    } catch (RuntimeException failure) {
      opened.close();
      throw failure;
    }
  }

  private static IsolatedNetwork open(
      Path file, RunLimits limits, NetworkOptions options, ChildJava child, Wire wire) {
    IsolatedNetwork network =
        new IsolatedNetwork(file, child, wire, OffHeapBudget.within(limits.memory()));
    try {
      network.talk(
          ready -> {
            new Opening(file, limits, options).send(ready);
            network.conclude(ready.signal(), ready);
          });
      return network;
    } catch (RuntimeException failure) {
      network.letGo();
      throw failure;
    }
  }

  private static void requireFile(Path file) {
    if (!Files.isDirectory(file)) {
      InputFiles.require(file);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Provenance provenance() {
    return provenance;
  }

  @Override
  public synchronized void run(
      Probes probes, LayerSelector layers, Progress progress, Consumer<ActivationBatch> receiver) {
    try (Progress.Task task = progress.begin("Capture " + name, probes.count())) {
      talk(
          wire -> {
            wire.send(Wire.Signal.RUN);
            wire.send(layers.globs());
            new Conversation<>(wire, probes, task, receiver)
                .hold(wire::batch, IsolatedNetwork::samplesOf);
          });
    }
  }

  private static long samplesOf(ActivationBatch batch) {
    return batch.layers().values().stream().mapToLong(t -> t.size(0)).findFirst().orElse(0);
  }

  @Override
  public synchronized Map<String, long[]> shapes(Probes probes, LayerSelector layers) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    try (Progress.Task silent = Progress.silent().begin(name, 0)) {
      talk(
          wire -> {
            wire.send(Wire.Signal.SHAPES);
            wire.send(layers.globs());
            new Conversation<>(wire, probes, silent, (ActivationBatch batch) -> {})
                .hold(wire::batch, batch -> 0);
            shapes.putAll(wire.shapes());
          });
    }
    return shapes;
  }

  @Override
  public synchronized void run(
      Probes probes, MatrixRequest request, Progress progress, Consumer<MatrixBatch> receiver) {
    try (Progress.Task task = progress.begin("Capture " + name, probes.count())) {
      talk(
          wire -> {
            wire.send(Wire.Signal.RUN_REDUCED);
            MatrixMessages.send(request, wire);
            new Conversation<>(wire, probes, task, receiver)
                .hold(() -> MatrixMessages.batch(wire), MatrixBatch::samples);
          });
    }
  }

  /** Receives what was captured. */
  private interface Receiving<B> {
    B receive() throws IOException;
  }

  /** One run, as this side sees it. */
  private final class Conversation<B extends CapturedBatch> {

    private final Wire wire;
    private final Probes probes;
    private final Progress.Task task;
    private final Consumer<B> receiver;

    Conversation(Wire wire, Probes probes, Progress.Task task, Consumer<B> receiver) {
      this.wire = wire;
      this.probes = probes;
      this.task = task;
      this.receiver = receiver;
    }

    void hold(Receiving<B> batches, ToLongFunction<B> samples) throws IOException {
      RemoteProbes.announce(probes, wire);
      wire.flush();
      for (Wire.Signal signal = wire.signal(); ; signal = wire.signal()) {
        switch (signal) {
          case PROBES -> answer(batches);
          case BATCH -> {
            B batch = batches.receive();
            long size = samples.applyAsLong(batch);
            hand(batch, batches);
            task.advance(size);
          }
          default -> {
            conclude(signal, wire);
            return;
          }
        }
      }
    }

    private void answer(Receiving<B> batches) throws IOException {
      boolean given = false;
      try {
        RemoteProbes.answer(probes, wire);
        given = true;
      } finally {
        if (!given) {
          hearOut(batches);
        }
      }
    }

    private void hand(B batch, Receiving<B> batches) throws IOException {
      boolean taken = false;
      try {
        receiver.accept(batch);
        taken = true;
      } finally {
        wire.send(taken ? Wire.Signal.GO_ON : Wire.Signal.STOP);
        wire.flush();
        if (!taken) {
          hearOut(batches);
        }
      }
      garbage.handOut(batch.tensors());
    }

    /** To the end of a run that has failed on this side, so that the next begins in step. */
    private void hearOut(Receiving<B> batches) throws IOException {
      for (Wire.Signal signal = wire.signal(); ; signal = wire.signal()) {
        switch (signal) {
          case PROBES -> {
            wire.number();
            wire.number();
            RemoteProbes.refuse(wire);
          }
          case BATCH -> {
            batches.receive();
            wire.send(Wire.Signal.STOP);
            wire.flush();
          }
          case FAILED -> {
            wire.text();
            return;
          }
          default -> {
            conclude(signal, wire);
            return;
          }
        }
      }
    }
  }

  private void conclude(Wire.Signal signal, Wire wire) throws IOException {
    if (signal == Wire.Signal.FAILED) {
      throw new PalimpsestException(wire.text());
    }
    name = wire.text();
    provenance = wire.provenance();
  }

  /** A part of the conversation. */
  private interface Talk {
    void with(Wire wire) throws IOException;
  }

  private void talk(Talk talk) {
    if (closed) {
      throw new PalimpsestException(file + " is closed; open it again.");
    }
    child.runs(wire, file);
    try {
      talk.with(wire);
    } catch (IOException broken) {
      closed = true;
      List<Path> suspects = child.suspects();
      String cause = child.causeOfDeath();
      child.close();
      throw new PalimpsestException(
          suspects.size() > 1 ? deathOfOne(suspects, cause) : deathOf(file, cause), broken);
    } finally {
      child.rests(wire);
    }
  }

  private static String deathOf(Path file, String cause) {
    return "%s killed the runtime that ran it: its process ended with %s. Nothing else was lost. The file may be damaged, or sound and more than this version of the runtime copes with: check it where it was made, or leave it out."
        .formatted(file, cause);
  }

  private static String deathOfOne(List<Path> files, String cause) {
    return "%s or %s killed the runtime that ran both: its process ended with %s. Nothing else was lost. One of the files may be damaged, or sound and more than this version of the runtime copes with: run each by itself (capture) to learn which, check it where it was made, or leave it out."
        .formatted(files.get(0), files.get(1), cause);
  }

  /** Closes the network; its process waits for another one, as long as this process lives. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    try {
      wire.send(Wire.Signal.CLOSE);
      wire.flush();
    } catch (IOException dead) {
      closed = true;
      child.close();
    }
    letGo();
  }

  private void letGo() {
    if (!closed) {
      closed = true;
      if (child.giveBack(wire)) {
        ChildPool.giveBack(child);
      }
    }
  }

  /** Keeps one process that has nothing to do, since starting another takes about a second. */
  static final class ChildPool {

    private static final AtomicReference<@Nullable ChildJava> IDLE = new AtomicReference<>();
    private static final Queue<CompletableFuture<ChildJava>> AHEAD = new ConcurrentLinkedQueue<>();

    private ChildPool() {}

    static void startAhead(FileKind kind, Thrift thrift) {
      CompletableFuture<ChildJava> ahead = new CompletableFuture<>();
      AHEAD.add(ahead);
      try {
        ahead.complete(ChildJava.start(IsolatedMain.class, thrift, kind));
      } catch (RuntimeException | Error failure) {
        ahead.completeExceptionally(failure);
      }
    }

    /** The process that waits, if it treats memory as asked, or a new one. */
    static ChildJava take(Thrift thrift, FileKind kind) {
      ChildJava waiting = waiting();
      if (waiting != null && waiting.isAlive()) {
        if (waiting.thrift().equals(thrift)) {
          return waiting;
        }
        waiting.close();
      }
      return ChildJava.start(IsolatedMain.class, thrift, kind);
    }

    /**
     * One that was started ahead, before others; if that failed, starting it again will say why.
     */
    private static @Nullable ChildJava waiting() {
      CompletableFuture<ChildJava> ahead = AHEAD.poll();
      return ahead == null
          ? IDLE.getAndSet(null)
          : ahead.<@Nullable ChildJava>handle((child, failure) -> child).join();
    }

    /** A process whose network is closed. */
    static void giveBack(ChildJava child) {
      if (!IDLE.compareAndSet(null, child)) {
        child.close();
      }
    }
  }
}
