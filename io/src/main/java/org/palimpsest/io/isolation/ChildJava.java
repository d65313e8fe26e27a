package org.palimpsest.io.isolation;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;

/** A Java process like this one, connected to it. */
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
      List.of("ai.djl.", "OPT_OUT_TRACKING", "org.bytedeco.", "org.slf4j.", "java.io.tmpdir");
  private static final int PATIENCE_SECONDS = 60;
  private static final int POLL_MILLIS = 10;

  private final Process process;
  private final Thrift thrift;
  private final ChildOutput output;
  private final Wire wire;

  private ChildJava(Process process, Thrift thrift, ChildOutput output, Wire wire) {
    this.process = process;
    this.thrift = thrift;
    this.output = output;
    this.wire = wire;
  }

  /**
   * Starts one.
   *
   * @param main what it runs; its argument is the socket to connect to
   * @param thrift how it treats memory
   */
  static ChildJava start(Class<?> main, Thrift thrift) {
    Path folder = null;
    try {
      folder = Files.createTempDirectory("palimpsest");
      Path socket = folder.resolve("socket");
      try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        server.bind(UnixDomainSocketAddress.of(socket));
        return connect(launch(main, socket, thrift), thrift, server);
      } finally {
        Files.deleteIfExists(socket);
      }
    } catch (IOException | UnsupportedOperationException failure) {
      throw new PalimpsestException(
          "No process of its own can be started for a network (%s). Run it in this one."
              .formatted(failure.getMessage()),
          failure);
    } finally {
      deleteEmpty(folder);
    }
  }

  private static void deleteEmpty(@Nullable Path folder) {
    if (folder != null && !folder.toFile().delete()) {
      folder.toFile().deleteOnExit();
    }
  }

  private static Process launch(Class<?> main, Path socket, Thrift thrift) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> NOT_FOR_CHILDREN.stream().noneMatch(argument::startsWith))
        .forEach(command::add);
    for (String property : System.getProperties().stringPropertyNames()) {
      if (FOR_CHILDREN.stream().anyMatch(property::startsWith)) {
        command.add("-D" + property + "=" + System.getProperty(property));
      }
    }
    command.add("-Djava.awt.headless=true");
    command.add("-Xmx" + Runtime.getRuntime().maxMemory());
    command.add("-Xshare:auto");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:+SuppressFatalErrorMessage");
    command.add(main.getName());
    command.add(socket.toString());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.put("CLASSPATH", System.getProperty("java.class.path"));
    environment.putIfAbsent("OMP_WAIT_POLICY", "PASSIVE");
    thrift.environment().forEach(environment::putIfAbsent);
    return builder.start();
  }

  private static ChildJava connect(Process process, Thrift thrift, ServerSocketChannel server)
      throws IOException {
    ChildOutput output = ChildOutput.of(process);
    server.configureBlocking(false);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    SocketChannel channel = server.accept();
    while (channel == null) {
      if (!process.isAlive() || System.nanoTime() > end) {
        process.destroyForcibly();
        throw new IOException("it ended at once: " + output.tail());
      }
      pause();
      channel = server.accept();
    }
    return new ChildJava(process, thrift, output, new Wire(channel));
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException interrupted) {
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

  Wire wire() {
    return wire;
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
  public void close() {
    try {
      wire.close();
      if (!process.waitFor(1, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException | InterruptedException impatient) {
      process.destroyForcibly();
    }
  }
}
