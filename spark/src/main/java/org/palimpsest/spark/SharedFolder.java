package org.palimpsest.spark;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.palimpsest.core.PalimpsestException;

/**
 * A folder that all machines see, in one of Hadoop's file systems. Its files appear whole, and one
 * that is there stays as it is: whoever writes the same again changes nothing.
 */
final class SharedFolder {

  private static final int BUFFER = 1 << 20;

  private final Path folder;
  private final FileSystem files;

  private SharedFolder(Path folder, FileSystem files) {
    this.folder = folder;
    this.files = files;
  }

  /** What is written to a file. */
  interface Content {
    void write(OutputStream out) throws IOException;
  }

  /** What is made of a file of so many bytes. */
  interface Reading<T> {
    T read(InputStream in, long bytes) throws IOException;
  }

  /**
   * Opens a folder, which need not be there, with the settings of the Spark that runs here.
   *
   * @param uri in Hadoop's words: spaces and other letters are not encoded; without a scheme it is
   *     of Spark's default file system, and there a relative one begins where this process runs
   * @throws PalimpsestException if no file system is known by its name
   */
  static SharedFolder open(String uri) {
    Configuration settings = SparkHadoopUtil.get().newConfiguration(SparkEnv.get().conf());
    try {
      Path folder = new Path(uri);
      FileSystem files = folder.getFileSystem(settings);
      return new SharedFolder(files.makeQualified(folder), files);
    } catch (IOException | RuntimeException failure) {
      throw new PalimpsestException(
          "%s cannot be opened as a shared folder: %s. Give --shared a folder of a file system that Spark knows, such as file:///mnt/study or hdfs://host/study."
              .formatted(uri, failure.getMessage()),
          failure);
    }
  }

  /** What Hadoop calls a folder of this machine. */
  static String uriOf(java.nio.file.Path folder) {
    return new Path(folder.toAbsolutePath().normalize().toUri()).toString();
  }

  private interface Work<T> {
    T run() throws IOException;
  }

  /** A full disk is an error to Hadoop, not an exception. */
  private <T> T tell(String name, String what, Work<T> work) {
    try {
      return work.run();
    } catch (IOException | FSError failure) {
      throw new PalimpsestException(
          "%s/%s cannot be %s: %s. Is the folder seen by all machines, and is there room?"
              .formatted(folder, name, what, failure.getMessage()),
          failure);
    }
  }

  /** The names of all files. */
  Set<String> names() {
    return tell(
        "",
        "listed",
        () -> {
          Set<String> names = new HashSet<>();
          try {
            for (FileStatus file : files.listStatus(folder)) {
              names.add(file.getPath().getName());
            }
          } catch (FileNotFoundException none) {
            return names;
          }
          return names;
        });
  }

  boolean holds(String name) {
    return tell(name, "looked for", () -> files.exists(new Path(folder, name)));
  }

  /** Writes a file, unless it is there; what is half written is removed. */
  void write(String name, Content content) {
    Path target = new Path(folder, name);
    Path begun = new Path(folder, name + "." + UUID.randomUUID() + ".tmp");
    tell(
        name,
        "written",
        () -> {
          if (files.exists(target)) {
            return target;
          }
          try {
            files.mkdirs(folder);
            try (OutputStream out = new BufferedOutputStream(files.create(begun, false), BUFFER)) {
              content.write(out);
            }
            if (!files.rename(begun, target) && !files.exists(target)) {
              throw new IOException("it could not be given its name");
            }
            return target;
          } finally {
            files.delete(begun, false); // another machine may have been the first
          }
        });
  }

  <T> T read(String name, Reading<T> reading) {
    Path file = new Path(folder, name);
    return tell(
        name,
        "read",
        () -> {
          try (InputStream in = new BufferedInputStream(files.open(file), BUFFER)) {
            return reading.read(in, files.getFileStatus(file).getLen());
          }
        });
  }

  /** Removes a file that cannot be read, so that it is made anew. */
  void remove(String name) {
    tell(name, "removed", () -> files.delete(new Path(folder, name), false));
  }

  /** Removes the folder and all in it. */
  void delete() {
    tell("", "removed", () -> files.delete(folder, true));
  }

  /** Its URI with scheme and whole path, for {@link #open} on any machine. */
  @Override
  public String toString() {
    return folder.toString();
  }
}
