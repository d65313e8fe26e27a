package org.palimpsest.io.internal.graph;

/**
 * A graph whose file is open, so that its tensors can be read.
 *
 * @param graph the network
 * @param file what holds the file open; closing it may say that the file has changed meanwhile
 */
public record OpenGraph(NetworkGraph graph, Closing file) implements AutoCloseable {

  /** Ends the reading of a file. */
  @FunctionalInterface
  public interface Closing {
    void close();
  }

  @Override
  public void close() {
    file.close();
  }
}
