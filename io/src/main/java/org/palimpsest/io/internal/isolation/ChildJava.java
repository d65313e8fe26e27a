package org.palimpsest.io.internal.isolation;

import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.lang.management.ManagementFactory;
import java.net.StandardProtocolFamily;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.AtExit;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.TemporaryFolder;

/** A Java process like this one, with a connection to it for each network that it can run. */
final class ChildJava implements AutoCloseable {

  private static final List<String> NOT_FOR_CHILDREN =
      List.of(
          "-agentlib",
          "-agentpath",
          "-javaagent",
          "-Xrunjdwp",
          "-Xlog",
          "-XX:StartFlightRecording",
          "-XX:ErrorFile",
          "-XX:OnError",
          "-XX:OnOutOfMemoryError",
          "-Dcom.sun.management");
  private static final List<String> FOR_CHILDREN =
      List.of("ai.djl.", "OPT_OUT_TRACKING", "org.bytedeco.", "org.slf4j.");
  private static final Path SHELL = Path.of("/bin/sh");
  private static final String LIMITS =
      "trap '' INT; ulimit -c 0; ulimit -d \"$1\" 2>/dev/null; shift; exec \"$@\"";
  private static final long KILOBYTE = 1024;
  private static final System.Logger LOG = System.getLogger(ChildJava.class.getName());
  private static final int PATIENCE_SECONDS = 60;
  private static final int PATIENCE_MILLIS = 1000;
  private static final int POLL_MILLIS = 10;

  /** Two can be held against each other; the other side makes as many connections. */
  static final int NETWORKS = 2;

  private final Process process;
  private final TemporaryFolder folder;
  private final Thrift thrift;
  private final ChildOutput output;
  private final List<Wire> wires;
  private final Deque<Wire> free;
  private final Map<Wire, Path> running = new LinkedHashMap<>();
  private List<Path> suspects = List.of();
  private final AtExit atExit;
  private boolean closed;

  private ChildJava(
      Process process,
      TemporaryFolder folder,
      Thrift thrift,
      ChildOutput output,
      List<Wire> wires) {
    this.process = process;
    this.folder = folder;
    this.thrift = thrift;
    this.output = output;
    this.wires = wires;
    this.free = new ArrayDeque<>(wires);
    this.atExit = AtExit.undo(() -> end(process, 0));
  }

  /**
   * Starts one.
   *
   * @param main what it runs; its arguments are the socket to connect to, in a folder of its own,
   *     and the name of a kind
   * @param thrift how it treats memory
   * @param kind of networks it will run
   */
  static ChildJava start(Class<?> main, Thrift thrift, FileKind kind) {
    TemporaryFolder folder = TemporaryFolder.create();
    Path socket = folder.path().resolve("socket");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      return connect(launch(main, socket, thrift, kind), folder, thrift, server);
    } catch (IOException | UnsupportedOperationException failure) {
      folder.close();
      throw new PalimpsestException(
          "No process of its own can be started for a network (%s). Run it in this one."
              .formatted(failure.getMessage()),
          failure);
    } catch (RuntimeException failure) {
      folder.close();
      throw failure;
    }
  }

  private static Process launch(Class<?> main, Path socket, Thrift thrift, FileKind kind)
      throws IOException {
    List<String> command = new ArrayList<>(limits(thrift));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> NOT_FOR_CHILDREN.stream().noneMatch(argument::startsWith))
        .forEach(command::add);
    for (String property : System.getProperties().stringPropertyNames()) {
      if (FOR_CHILDREN.stream().anyMatch(property::startsWith)) {
        command.add("-D" + property + "=" + System.getProperty(property));
      }
    }
    command.add("-Djava.io.tmpdir=" + socket.getParent());
    command.add("-Djava.awt.headless=true");
    command.add("-Xmx" + Runtime.getRuntime().maxMemory());
    command.addAll(archivedClasses());
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:+SuppressFatalErrorMessage");
    command.add("-XX:-UsePerfData");
    command.add(main.getName());
    command.add(socket.toString());
    command.add(kind.name());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.put("CLASSPATH", classPath(main));
    environment.putIfAbsent("OMP_WAIT_POLICY", "PASSIVE");
    environment.putIfAbsent("OPENBLAS_NUM_THREADS", "1"); // it computes nothing here
    thrift.environment().forEach(environment::putIfAbsent);
    return builder.start();
  }

  /** That of this process, and before it the program where another loader found it. */
  private static String classPath(Class<?> main) throws IOException {
    String own = System.getProperty("java.class.path");
    CodeSource source = main.getProtectionDomain().getCodeSource();
    if (main.getClassLoader() == ClassLoader.getSystemClassLoader() || source == null) {
      return own;
    }
    try {
      return Path.of(source.getLocation().toURI()) + File.pathSeparator + own;
    } catch (URISyntaxException | IllegalArgumentException | FileSystemNotFoundException noFile) {
      throw new IOException("the program is no file: " + source.getLocation(), noFile);
    }
  }

  /**
   * The classes that the build has laid out beside the program (JEP 350); the process starts
   * without them if they do not fit it.
   */
  private static List<String> archivedClasses() {
    String program = System.getProperty("java.class.path");
    Path archive = Path.of(program.replace(".jar", ".jsa"));
    return program.indexOf(".jar") == program.length() - ".jar".length()
            && Files.isRegularFile(archive)
        ? List.of("-Xshare:auto", "-XX:SharedArchiveFile=" + archive)
        : List.of("-Xshare:auto");
  }

  /**
   * What holds the process to its memory, and leaves Ctrl-C, which reaches all processes of a
   * terminal, to this one. A process that dies leaves no image of its memory.
   */
  private static List<String> limits(Thrift thrift) {
    return Files.isExecutable(SHELL)
        ? List.of(SHELL.toString(), "-c", LIMITS, "palimpsest", thrift.mostBytes() / KILOBYTE + "")
        : List.of();
  }

  private static ChildJava connect(
      Process process, TemporaryFolder folder, Thrift thrift, ServerSocketChannel server)
      throws IOException {
    ChildOutput output = ChildOutput.of(process);
    server.configureBlocking(false);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    List<Wire> wires = new ArrayList<>();
    while (wires.size() < NETWORKS) {
      SocketChannel channel = server.accept();
      if (channel != null) {
        wires.add(new Wire(channel));
      } else if (!process.isAlive() || System.nanoTime() > end) {
        process.destroyForcibly();
        throw new IOException("it ended at once: " + output.tail());
      } else {
        pause(process);
      }
    }
    return new ChildJava(process, folder, thrift, output, List.copyOf(wires));
  }

  private static void pause(Process process) throws IOException {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", interrupted);
    }
  }

  Thrift thrift() {
    return thrift;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** A connection for one more network, if there is one left. */
  synchronized Optional<Wire> take() {
    return Optional.ofNullable(closed ? null : free.poll());
  }

  /**
   * Takes a connection back, whose network is closed.
   *
   * @return whether no network is left
   */
  synchronized boolean giveBack(Wire wire) {
    free.push(wire);
    return free.size() == NETWORKS;
  }

  /** A network is asked something on a connection. */
  synchronized void runs(Wire wire, Path file) {
    running.put(wire, file);
  }

  /** It has answered, or will not. */
  synchronized void rests(Wire wire) {
    running.remove(wire);
  }

  /** The networks that ran when the first connection broke: one of them ended the process. */
  synchronized List<Path> suspects() {
    if (suspects.isEmpty()) {
      suspects = List.copyOf(running.values());
    }
    return suspects;
  }

  /** How it ended, once the connection broke. */
  String causeOfDeath() {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return "it no longer answered";
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
      return "it was interrupted";
    }
    return CauseOfDeath.describe(process.exitValue(), output.tail());
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    atExit.close();
    for (Wire wire : wires) {
      try {
        wire.close();
      } catch (IOException broken) {
        LOG.log(System.Logger.Level.DEBUG, "the connection was broken", broken);
      }
    }
    end(process, PATIENCE_MILLIS);
    folder.close();
  }

  private static void end(Process process, long patienceMillis) {
    try {
      if (!process.waitFor(patienceMillis, TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException impatient) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** Puts into words how a process ended. */
  private static final class CauseOfDeath {

    private static final int FIRST_SIGNAL = 128;
    private static final Map<Integer, String> SIGNALS =
        Map.of(
            4, "SIGILL, an instruction that this processor does not have",
            6, "SIGABRT, the runtime gave up",
            7, "SIGBUS, memory that is not there",
            8, "SIGFPE, a division by zero",
            9, "SIGKILL, from outside; most often the system, for want of memory",
            11, "SIGSEGV, memory that is not its own, or a stack that is full",
            15, "SIGTERM, from outside");
    private static final Pattern LAST_WORDS = Pattern.compile("what\\(\\): +(.+)");

    private CauseOfDeath() {}

    /**
     * @param exitCode above 128 if a signal ended it
     * @param printed its last lines
     */
    static String describe(int exitCode, String printed) {
      int signal = exitCode - FIRST_SIGNAL;
      String known = SIGNALS.get(signal);
      String how =
          signal > 0
              ? "signal " + signal + (known == null ? "" : " (" + known + ")")
              : "exit code " + exitCode;
      Matcher words = LAST_WORDS.matcher(printed);
      return words.find() ? how + ", saying: " + words.group(1).strip() : how;
    }
  }

  /** What a child process prints: logged, and the end of it kept for messages. */
  private static final class ChildOutput {

    private static final System.Logger LOG = System.getLogger(ChildOutput.class.getName());
    private static final int CHARACTERS_KEPT = 4096;
    private static final int BLOCK = 4096;

    private final StringBuilder last = new StringBuilder();
    private final Thread reader;

    private ChildOutput(Process process) {
      this.reader = new Thread(() -> read(process), "palimpsest-child-output");
      reader.setDaemon(true);
    }

    static ChildOutput of(Process process) {
      ChildOutput output = new ChildOutput(process);
      output.reader.start();
      return output;
    }

    private void read(Process process) {
      char[] block = new char[BLOCK];
      try (Reader printed = process.inputReader(StandardCharsets.UTF_8)) {
        for (int count = printed.read(block); count >= 0; count = printed.read(block)) {
          keep(new String(block, 0, count));
        }
      } catch (IOException ended) {
        LOG.log(System.Logger.Level.DEBUG, "the child's output ended", ended);
      }
    }

    private synchronized void keep(String printed) {
      LOG.log(System.Logger.Level.DEBUG, printed);
      last.append(printed);
      last.delete(0, Math.max(0, last.length() - CHARACTERS_KEPT));
    }

    /** The end of it, when it has ended. */
    String tail() {
      try {
        reader.join(1000);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
      synchronized (this) {
        return last.toString();
      }
    }
  }
}
