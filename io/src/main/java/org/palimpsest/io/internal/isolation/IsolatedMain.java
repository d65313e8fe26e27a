package org.palimpsest.io.internal.isolation;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.Backend;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.ActivationSource.CapturedBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.internal.natives.NativeLoading;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;
import org.palimpsest.core.representation.LayerMatrices.ReducingSource;
import org.palimpsest.internal.file.AddressRoom;
import org.palimpsest.internal.file.Deserialisation;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.NativeCache;
import org.palimpsest.internal.file.ProcFile;
import org.palimpsest.io.djl.TorchScriptNetwork;
import org.palimpsest.io.internal.capture.MemoryShortage;
import org.palimpsest.io.internal.capture.ResidentMemory;
import org.palimpsest.io.internal.frontend.FrontEnds;
import org.palimpsest.io.internal.onnxruntime.OnnxNetwork;
import org.slf4j.LoggerFactory;

/**
 * The process in which networks run, one at a time on each connection; {@link IsolatedNetwork}
 * starts it. It ends when the other side closes the connections.
 */
public final class IsolatedMain {

  /** Why no library is loaded, if a limit on addresses leaves no room: they would wait for ever. */
  private static volatile @Nullable PalimpsestException noRoom;

  private static boolean isBegun;

  /** Done when tensors can be made, or will not be. */
  private static final CompletableFuture<Void> TENSORS = new CompletableFuture<>();

  /** Larger files take long to read in any case, and much memory. */
  private static final long MOST_KEPT = 64L << 20;

  private final Wire wire;
  private final Path folder;

  /** The network before, whose code the next one may share. */
  private @Nullable TorchScriptNetwork last;

  private IsolatedMain(Wire wire, Path folder) {
    this.wire = wire;
    this.folder = folder;
  }

  /**
   * @param arguments the socket on which the other process listens, in the folder to write to, and
   *     the kind of networks it will have run, whose runtime is loaded meanwhile
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Deserialisation.refuse();
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // what is told is told alike everywhere
    LoggerFactory.getILoggerFactory(); // before several threads log at once, of which it complains
    endWithTheOtherProcess();
    Path socket = Path.of(arguments[0]);
    FileKind kind = FileKind.valueOf(arguments[1]);
    Thread loading = new Thread(() -> load(kind), "palimpsest-loading");
    loading.setDaemon(true);
    loading.start();
    List<Thread> serving = new ArrayList<>();
    for (int i = 0; i < ChildJava.NETWORKS; i++) {
      Wire wire = new Wire(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
      IsolatedMain network = new IsolatedMain(wire, socket.resolveSibling(""));
      serving.add(new Thread(network::serve, "palimpsest-connection-" + i));
    }
    serving.forEach(Thread::start);
    for (Thread connection : serving) {
      connection.join();
    }
    Runtime.getRuntime().halt(0);
  }

  /** Nothing comes from there until the other process is gone, however it went. */
  private static void endWithTheOtherProcess() {
    Thread watch =
        new Thread(
            () -> {
              try (InputStream other = new FileInputStream(FileDescriptor.in)) {
                while (other.read() >= 0) {
                  // go on waiting
                }
              } catch (IOException gone) {
                // as good as its end
              }
              Runtime.getRuntime().halt(0);
            },
            "palimpsest-end-with-parent");
    watch.setDaemon(true);
    watch.start();
  }

  /** A connection that breaks is the end of the process, so that the other side can tell why. */
  private void serve() {
    try (wire) {
      serveWhatIsAsked();
    } catch (IOException | RuntimeException | Error failure) {
      failure.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }

  private void serveWhatIsAsked() throws IOException {
    while (true) {
      try {
        if (wire.signal() == Wire.Signal.OPEN) {
          serve(Opening.receive(wire));
        }
      } catch (EOFException noMoreToDo) {
        return;
      }
    }
  }

  /**
   * Runs a network in a thread of its own, which may do less than this one: the runtime's libraries
   * are unpacked before.
   */
  private void serve(Opening asked) throws IOException {
    FileKind kind = FileKind.of(asked.file());
    load(kind);
    AtomicReference<@Nullable IOException> broken = new AtomicReference<>();
    Thread confined =
        new Thread(
            () -> {
              try {
                serveConfined(kind, asked);
              } catch (IOException failure) {
                broken.set(failure);
              }
            },
            "palimpsest-network");
    confined.start();
    try {
      confined.join();
    } catch (InterruptedException impossible) {
      throw new IOException("interrupted", impossible);
    }
    IOException failure = broken.get();
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * Loads the network's runtime, and then ND4J in a thread of its own, for which the networks that
   * are opened need not wait. If one of them cannot be loaded, opening the network will say so.
   */
  private static synchronized void load(FileKind kind) {
    if (isBegun) {
      return;
    }
    isBegun = true;
    try {
      AddressRoom.require();
    } catch (PalimpsestException tooFewAddresses) {
      noRoom = tooFewAddresses;
      return;
    }
    Thread tensors = new Thread(IsolatedMain::loadTensors, "palimpsest-tensors");
    tensors.setDaemon(true);
    try {
      unlessToldLater(Confinement::prepare);
      unlessToldLater(
          kind == FileKind.ONNX ? OnnxNetwork::loadRuntime : TorchScriptNetwork::loadRuntime);
      tensors.start();
    } catch (Error failure) { // such as too little memory
      TENSORS.complete(null);
      throw failure;
    }
  }

  private static void loadTensors() {
    try {
      unlessToldLater(Backend::require);
      ResidentMemory.forgetPeak();
    } finally {
      TENSORS.complete(null);
    }
  }

  private static void unlessToldLater(Runnable loading) {
    try {
      loading.run();
    } catch (RuntimeException | LinkageError toldLater) {
      System.getLogger(IsolatedMain.class.getName())
          .log(System.Logger.Level.DEBUG, "not loaded", toldLater);
    }
  }

  private void serveConfined(FileKind kind, Opening opening) throws IOException {
    List<String> notes = Confinement.confineThisThread(folder);
    try {
      ReducingSource network = open(kind, opening);
      try {
        done(network, notes);
        for (Wire.Signal asked = wire.signal(); asked != Wire.Signal.CLOSE; asked = wire.signal()) {
          answer(asked, network, notes);
        }
      } finally {
        keepOrClose(network, opening);
      }
    } catch (RuntimeException | Error failure) {
      fail(failure);
    }
  }

  private void keepOrClose(ReducingSource network, Opening opening) {
    if (network instanceof TorchScriptNetwork scripted
        && opening.file().toFile().length() <= MOST_KEPT) {
      last = scripted;
    } else {
      network.close();
    }
  }

  private ReducingSource open(FileKind kind, Opening asked) {
    if (noRoom != null) {
      throw noRoom;
    }
    TorchScriptNetwork before = last;
    last = null;
    try (TorchScriptNetwork unused = before) {
      Optional<FrontEnds.Found> network = FrontEnds.of(asked.file(), asked.options());
      if (network.isEmpty() && kind != FileKind.ONNX) { // meanwhile ND4J is loaded
        return before == null
            ? TorchScriptNetwork.open(asked.file(), asked.limits())
            : before.next(asked.file(), asked.limits());
      }
      return open(network, asked);
    }
  }

  private static ReducingSource open(Optional<FrontEnds.Found> network, Opening asked) {
    TENSORS.join();
    return network.isPresent()
        ? network.get().open(asked.limits())
        : OnnxNetwork.open(asked.file(), asked.limits());
  }

  private void answer(Wire.Signal asked, ReducingSource network, List<String> notes)
      throws IOException {
    TENSORS.join();
    MatrixRequest request =
        asked == Wire.Signal.RUN_REDUCED
            ? MatrixMessages.request(wire)
            : new MatrixRequest(LayerSelector.of(wire.texts()), FeatureMaps.positions(), Map.of());
    RemoteProbes probes = RemoteProbes.receive(wire);
    try {
      switch (asked) {
        case SHAPES -> {
          Map<String, long[]> shapes = network.shapes(probes, request.layers());
          done(network, notes);
          wire.send(shapes);
          wire.flush();
        }
        case RUN_REDUCED -> {
          network.run(
              probes,
              request,
              Progress.silent(),
              batch -> hand(batch, matrices -> MatrixMessages.send(matrices, wire)));
          done(network, notes);
        }
        default -> {
          network.run(
              probes, request.layers(), Progress.silent(), batch -> hand(batch, wire::send));
          done(network, notes);
        }
      }
    } catch (UncheckedIOException broken) {
      throw broken.getCause();
    } catch (RuntimeException | Error failure) {
      fail(failure);
    }
  }

  /** Sends what was captured. */
  private interface Sending<B> {
    void send(B batch) throws IOException;
  }

  private <B extends CapturedBatch> void hand(B batch, Sending<B> sending) {
    try {
      wire.send(Wire.Signal.BATCH);
      sending.send(batch);
      wire.flush();
      batch.free();
      if (wire.signal() == Wire.Signal.STOP) {
        throw new IllegalStateException("stopped");
      }
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private void done(ActivationSource network, List<String> notes) throws IOException {
    Provenance known = network.provenance();
    List<String> all = Stream.concat(known.notes().stream(), notes.stream()).toList();
    wire.send(Wire.Signal.DONE);
    wire.send(network.name());
    wire.send(new Provenance(known.origin(), known.sha256(), all));
    wire.flush();
  }

  private void fail(Throwable failure) throws IOException {
    wire.send(Wire.Signal.FAILED);
    wire.send(IsolatedFailure.describe(failure));
    wire.flush();
  }

  /** What is told to the other process of a failure in this one. */
  static final class IsolatedFailure {

    private IsolatedFailure() {}

    static String describe(Throwable failure) {
      if (failure instanceof PalimpsestException clear) {
        return NativeCache.explain(clear);
      }
      if (MemoryShortage.causes(failure)) {
        return "The network's own process ran out of memory. Choose fewer layers, or give more memory with --max-memory or java -Xmx.";
      }
      if (failure instanceof StackOverflowError) {
        return "Something in the file is nested deeper than the stack of the network's own process"
            + " reaches. Check the file where it was made, or give a deeper stack with java"
            + " -Xss.";
      }
      return "Unexpected failure in the network's own process: " + failure;
    }
  }

  /**
   * Takes from a thread, and from those that it starts, what a network does not need: to write
   * anywhere but into one folder, to start programs, to speak to other machines.
   *
   * <p>Linux offers this to every user since version 5.13, if it was built with Landlock;
   * connections since 6.7. It cannot be given back.
   *
   * @see <a href="https://docs.kernel.org/userspace-api/landlock.html">Landlock</a>
   */
  private static final class Confinement {

    private static final long CREATE_RULESET = 444;
    private static final long ADD_RULE = 445;
    private static final long RESTRICT_SELF = 446;
    private static final long TELL_VERSION = 1;
    private static final long PATH_BENEATH = 1;
    private static final int NO_NEW_PRIVILEGES = 38;
    private static final int OPEN_PATH = 0x280000;

    /** To run programs; to write, remove and make files of all kinds; all but to read. */
    private static final long ALL_BUT_READING = 0b1_1111_1111_0011L;

    private static final long MOVE_BETWEEN_FOLDERS = 1L << 13;
    private static final long CUT_FILES = 1L << 14;
    private static final long RUN_PROGRAMS = 1;
    private static final long BIND_AND_CONNECT = 0b11;
    private static final int VERSION_THAT_MOVES = 2;
    private static final int VERSION_THAT_CUTS = 3;
    private static final int VERSION_THAT_CONNECTS = 4;

    private Confinement() {}

    /** Loads what it needs, while no other thread loads anything. */
    static void prepare() {
      if (Platform.isLinux()) {
        NativeLoading.alone(() -> Function.getFunction(Platform.C_LIBRARY_NAME, "syscall"));
      }
    }

    /**
     * Confines this thread, where the system can.
     *
     * @param folder where it may still write
     * @return what could not be done, in words for a result's notes; on other systems than Linux,
     *     which offer nothing, none
     */
    static List<String> confineThisThread(Path folder) {
      List<String> missing = new ArrayList<>();
      if (!Platform.isLinux()) {
        return missing;
      }
      try {
        restrict(folder);
      } catch (IllegalStateException | LinkageError refused) {
        missing.add("its process could write to any file of this user: " + refused.getMessage());
      }
      if (!isMemoryLimited()) {
        missing.add("its process could take any memory: no limit can be set here");
      }
      return missing;
    }

    private static void restrict(Path folder) {
      int version = (int) call("syscall", CREATE_RULESET, Pointer.NULL, 0L, TELL_VERSION);
      if (version < 1) {
        throw new IllegalStateException("this Linux offers no Landlock");
      }
      long files =
          ALL_BUT_READING
              | (version >= VERSION_THAT_MOVES ? MOVE_BETWEEN_FOLDERS : 0)
              | (version >= VERSION_THAT_CUTS ? CUT_FILES : 0);
      boolean connects = version >= VERSION_THAT_CONNECTS;
      try (Memory handled = new Memory(2 * Long.BYTES);
          Memory rule = new Memory(Long.BYTES + Integer.BYTES)) {
        handled.setLong(0, files);
        handled.setLong(Long.BYTES, connects ? BIND_AND_CONNECT : 0);
        long size = connects ? 2 * Long.BYTES : Long.BYTES;
        int rules = opened(call("syscall", CREATE_RULESET, handled, size, 0L), "a set of rules");
        int place = opened(call("open", folder.toString(), OPEN_PATH), folder.toString());
        rule.setLong(0, files & ~RUN_PROGRAMS);
        rule.setInt(Long.BYTES, place);
        require(call("syscall", ADD_RULE, (long) rules, PATH_BENEATH, rule, 0L), "a rule");
        require(call("prctl", NO_NEW_PRIVILEGES, 1L, 0L, 0L, 0L), "no new privileges");
        require(call("syscall", RESTRICT_SELF, (long) rules, 0L), "Landlock");
        call("close", place);
        call("close", rules);
      }
    }

    private static int opened(long descriptor, String what) {
      require(descriptor < 0 ? descriptor : 0, what);
      return (int) descriptor;
    }

    private static void require(long result, String what) {
      if (result != 0) {
        throw new IllegalStateException(
            "Linux refused %s (error %s)".formatted(what, Native.getLastError()));
      }
    }

    private static long call(String function, Object... arguments) {
      return Function.getFunction(Platform.C_LIBRARY_NAME, function).invokeLong(arguments);
    }

    private static boolean isMemoryLimited() {
      return ProcFile.LIMITS.bytes("Max data size").isPresent();
    }
  }
}
