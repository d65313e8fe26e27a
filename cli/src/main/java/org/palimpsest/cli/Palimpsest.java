package org.palimpsest.cli;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import com.sun.jna.StringArray;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.palimpsest.cli.internal.IdleThreads;
import org.palimpsest.cli.internal.ResultOutput;
import org.palimpsest.cli.internal.StudyCluster;
import org.palimpsest.internal.file.Deserialisation;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.network.NetworkOptions.MemoryBound;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ScopeType;

/** The command line. */
@Command(
    name = "palimpsest",
    description = "Measures, layer by layer, how alike two networks are.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionNumber.class,
    scope = ScopeType.INHERIT,
    sortOptions = false,
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all went well",
      "1:the work failed: one line on standard error says why",
      "2:wrong use of the command line",
      "3:track and assess: done, but some checkpoints could not be used: standard error says which"
    },
    subcommands = {
      PatchesCommand.class,
      CaptureCommand.class,
      CompareCommand.class,
      TrackCommand.class,
      ReportCommand.class,
      AssessCommand.class,
      MeasuresCommand.class,
      WeightsCommand.class,
      WeightsCompareCommand.class,
      InspectCommand.class,
      GenerateCompletion.class
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  java -jar palimpsest.jar compare start.pt end.pt --probes probes.npy -o out",
      "",
      "'palimpsest COMMAND --help' explains a command, with an example."
    })
public final class Palimpsest {

  private static final Set<String> MODEL_COMMANDS = Set.of("compare", "capture", "track");

  Palimpsest() {}

  public static void main(String[] arguments) {
    try {
      Thread.setDefaultUncaughtExceptionHandler(Failures::report);
      Deserialisation.refuse();
      BoundedJava.startAnew(arguments);
      Future<OutputStream> out = ResultOutput.takeAhead();
      RuntimeSettings.apply(arguments);
      startAhead(List.of(arguments));
      CommandRunner.exitAfter(all(), arguments, out);
    } catch (LinkageError failure) { // here no class of its own may be needed to say so
      System.err.println(
          "palimpsest: Java cannot load the program ("
              + failure
              + "). Is the limit of open files (ulimit -n) too low, or is its folder not whole?");
      Runtime.getRuntime().halt(1);
    }
  }

  /** What runs models takes longer to start than a command line to be read. */
  private static void startAhead(List<String> given) {
    boolean runsModels =
        !given.isEmpty() && MODEL_COMMANDS.contains(given.get(0)) && given.size() > 2;
    if (!runsModels
        || given.contains(ModelOptions.IN_PROCESS)
        || given.contains(TrackCommand.RESUME) // then all may be known already
        || given.contains(ClusterOptions.SPARK)) {
      return;
    }
    List<Path> paths = given.subList(1, given.size()).stream().flatMap(Palimpsest::path).toList();
    Optional<MemorySize> most = RuntimeSettings.mostMemory(given);
    if (most.isEmpty()) {
      Inputs.startAhead(paths);
    } else if (!given.get(0).equals("track")) { // which runs networks in this process then
      Inputs.startAhead(paths, new MemoryBound(most.get().bytes()));
    }
  }

  private static Stream<Path> path(String argument) {
    try {
      return Stream.of(Path.of(argument));
    } catch (InvalidPathException toldByTheCommand) {
      return Stream.empty();
    }
  }

  /**
   * Runs one command.
   *
   * @param arguments the command and its options
   * @param out where the result goes
   * @param err where progress, warnings and failures go
   * @return the exit code
   */
  public static int run(String[] arguments, PrintStream out, PrintStream err) {
    return CommandRunner.run(all(), arguments, out, err);
  }

  /**
   * Runs a command of another program with the manners that all share: standard output carries the
   * result alone; progress, warnings and failures go to standard error. The exit code is 0 when all
   * went well, 1 when the work failed and 2 for wrong use.
   *
   * @param command an object with picocli's annotations
   * @param arguments its options, and its subcommand if it has any
   * @param out where the result goes
   * @param err where progress, warnings and failures go
   * @return the exit code
   */
  public static int run(Object command, String[] arguments, PrintStream out, PrintStream err) {
    return CommandRunner.run(command, arguments, out, err);
  }

  /**
   * Runs such a command as the process and ends the process.
   *
   * @param command an object with picocli's annotations
   * @param arguments its options, and its subcommand if it has any
   */
  public static void runAndExit(Object command, String[] arguments) {
    CommandRunner.runAndExit(command, arguments);
  }

  /** With the commands of a module that carries work to a cluster, if there is one. */
  private static CommandSpec all() {
    CommandSpec all = CommandSpec.forAnnotatedObject(new Palimpsest());
    ServiceLoader.load(StudyCluster.class)
        .findFirst()
        .ifPresent(
            cluster ->
                cluster.commands().forEach(one -> all.addSubcommand(null, new CommandLine(one))));
    return all;
  }

  /**
   * Starts Java anew with a small heap, where memory is bounded.
   *
   * <p>A process that is to stay within half a gigabyte needs another heap, collector and allocator
   * than Java chooses by itself, and these can be chosen only when it starts. The new Java takes
   * this process over, so that there are never two.
   */
  private static final class BoundedJava {

    private static final String DONE = "palimpsest.bounded";
    private static final long MEGABYTE = 1L << 20;

    /** Of the heap's two parts an array needs one to itself; Java would give the first a third. */
    private static final List<String> FOR_WHOLE_ARRAYS = List.of("-XX:MaxNewSize=48m");

    /** One heap for all native threads; what they free is given back to the system at once. */
    private static final Map<String, String> ENVIRONMENT =
        Map.of(
            "GLIBC_TUNABLES",
            "glibc.malloc.hugetlb=1",
            "MALLOC_ARENA_MAX",
            "1",
            "MALLOC_MMAP_THRESHOLD_",
            String.valueOf(4 * MEGABYTE),
            "MALLOC_TRIM_THRESHOLD_",
            String.valueOf(MEGABYTE));

    private BoundedJava() {}

    /**
     * Does so for {@code compare}, {@code track} and {@code patches} with a bound; where it cannot
     * be done, all goes on as it is.
     */
    static void startAnew(String[] arguments) {
      List<String> given = List.of(arguments);
      String command = given.isEmpty() ? "" : given.get(0);
      Optional<MemorySize> most = RuntimeSettings.mostMemory(given);
      Optional<String> java = ProcessHandle.current().info().command();
      if (most.isEmpty()
          || java.isEmpty()
          || Platform.isWindows()
          || System.getProperty(DONE) != null) {
        return;
      }
      switch (command) {
        case "patches" -> {
          MemoryShares shares = MemoryShares.ofHeapAlone(most.get());
          replace(java.get(), command(java.get(), shares, FOR_WHOLE_ARRAYS, given));
        }
        case "track" ->
            replace(java.get(), command(java.get(), MemoryShares.of(most.get()), List.of(), given));
        case "compare" -> {
          MemoryShares shares = MemoryShares.ofCompared(most.get());
          replace(java.get(), command(java.get(), shares, List.of(), given));
        }
        default -> {}
      }
    }

    private static List<String> command(
        String java, MemoryShares shares, List<String> options, List<String> arguments) {
      List<String> command = new ArrayList<>();
      command.add(java);
      command.add("-D" + DONE + "=true");
      command.add("-Xmx" + shares.heap() / MEGABYTE + "m");
      command.add("-XX:+UseSerialGC");
      command.addAll(options);
      command.add("-XX:ReservedCodeCacheSize=48m");
      command.add("-Xss512k");
      command.add("-Xlog:disable"); // warnings of Java would go to standard output
      command.add("-Xlog:all=warning:stderr");
      command.add("-Dorg.bytedeco.javacpp.maxbytes=" + shares.tensors());
      command.add("--enable-native-access=ALL-UNNAMED");
      command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      command.add("-cp");
      command.add(System.getProperty("java.class.path"));
      command.add(Palimpsest.class.getName());
      command.addAll(arguments);
      return command;
    }

    private static void replace(String java, List<String> command) {
      try {
        IdleThreads.letSleep();
        IdleThreads.setUnlessSet(ENVIRONMENT);
        Function execv = Function.getFunction(Platform.C_LIBRARY_NAME, "execv");
        execv.invokeInt(new Object[] {java, new StringArray(command.toArray(new String[0]))});
      } catch (LinkageError largerWithout) {
        System.getLogger(BoundedJava.class.getName())
            .log(System.Logger.Level.DEBUG, "Java keeps the heap that it has", largerWithout);
      }
    }
  }
}
