package org.palimpsest.spark;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.palimpsest.cli.Palimpsest;
import org.palimpsest.cli.internal.ResultOutput;

/**
 * What {@code spark-submit} starts: {@code moments} compares networks that are shown shards of
 * probes on executors; all other commands are those of the command line, of which {@code track} has
 * its work done by the Spark that started it.
 *
 * <pre>{@code
 * spark-submit --master spark://host:7077 --class org.palimpsest.spark.PalimpsestSpark \
 *     palimpsest-spark.jar track runs -o out
 * }</pre>
 */
public final class PalimpsestSpark {

  private static final String TRACK = "track";
  private static final String SPARK = "--spark";

  private PalimpsestSpark() {}

  /**
   * Runs a command and ends the process with its exit code: 0 if all went well, as the command line
   * says of others. What a cluster is told by {@code spark-submit} need not be said again.
   *
   * @param arguments of the command, without {@code spark-submit}'s own
   */
  public static void main(String[] arguments) {
    System.setProperty("java.awt.headless", "true");
    PrintStream out = new PrintStream(ResultOutput.take(), true, StandardCharsets.UTF_8);
    PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(arguments, out, err));
  }

  static int run(String[] arguments, PrintStream out, PrintStream err) {
    boolean tracks = arguments.length > 0 && arguments[0].equals(TRACK);
    return Palimpsest.run(tracks ? onSpark(arguments) : arguments, out, err);
  }

  /** Who submitted it has said where the cluster is. */
  private static String[] onSpark(String[] arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    if (all.stream().noneMatch(one -> one.equals(SPARK) || one.startsWith(SPARK + "="))) {
      all.addAll(List.of(SPARK, System.getProperty("spark.master", "local[*]")));
    }
    return all.toArray(new String[0]);
  }
}
