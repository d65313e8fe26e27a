package org.palimpsest.io.hdf5;

import io.jhdf.AbstractNode;
import io.jhdf.FractalHeap;
import io.jhdf.GroupSymbolTableNode;
import io.jhdf.HdfFile;
import io.jhdf.LocalHeap;
import io.jhdf.ObjectHeader;
import io.jhdf.SymbolTableEntry;
import io.jhdf.Utils;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.btree.BTreeV1;
import io.jhdf.btree.BTreeV2;
import io.jhdf.btree.record.LinkNameForIndexedGroupRecord;
import io.jhdf.exceptions.UnsupportedHdfException;
import io.jhdf.object.datatype.OpaqueDataType;
import io.jhdf.object.message.LinkInfoMessage;
import io.jhdf.object.message.LinkMessage;
import io.jhdf.object.message.SymbolTableMessage;
import io.jhdf.storage.HdfBackingStorage;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a group holds, by name. jHDF gives nothing of a group in which one thing is of a kind that
 * it does not read, such as a virtual dataset: here the others are given still.
 *
 * @param nodes what can be read
 * @param unread why something cannot, by its name
 * @param opaque those of the latter that are opaque pairs of bytes
 */
public record Hdf5Children(
    Map<String, Node> nodes, Map<String, String> unread, Map<String, OpaqueNumbers> opaque) {

  private static final int SOFT_LINK = 2;
  private static final long NONE = -1;

  /** Those of a group. */
  public static Hdf5Children of(HdfFile file, Group group) {
    try {
      return new Hdf5Children(group.getChildren(), Map.of(), Map.of());
    } catch (RuntimeException failure) {
      if (unsupported(failure).isEmpty()) {
        throw failure;
      }
      return oneByOne(file, group);
    }
  }

  private static Optional<String> unsupported(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnsupportedHdfException) {
        return Optional.of(String.valueOf(cause.getMessage()));
      }
      if (stumblesOverOpaqueBytes(cause)) {
        return Optional.of("opaque bytes");
      }
    }
    return Optional.empty();
  }

  /** jHDF wants a name of opaque bytes to end as HDF5 itself need not end it. */
  private static boolean stumblesOverOpaqueBytes(Throwable failure) {
    return Arrays.stream(failure.getStackTrace())
        .anyMatch(place -> place.getClassName().equals(OpaqueDataType.class.getName()));
  }

  private static Hdf5Children oneByOne(HdfFile file, Group group) {
    ObjectHeader header = ((AbstractNode) file.getNodeByAddress(group.getAddress())).getHeader();
    HdfBackingStorage storage = file.getHdfBackingStorage();
    Map<String, Long> addresses =
        header.hasMessageOfType(SymbolTableMessage.class)
            ? inTable(storage, header.getMessageOfType(SymbolTableMessage.class))
            : inMessages(storage, header);
    Map<String, Node> nodes = new LinkedHashMap<>();
    Map<String, String> unread = new LinkedHashMap<>();
    Map<String, OpaqueNumbers> opaque = new LinkedHashMap<>();
    addresses.forEach(
        (name, address) -> {
          if (address == NONE) {
            unread.put(name, "a link");
            return;
          }
          try {
            nodes.put(name, file.getNodeByAddress(address));
          } catch (RuntimeException failure) {
            unread.put(name, unsupported(failure).orElseThrow(() -> failure));
            OpaqueNumbers.at(storage, address).ifPresent(numbers -> opaque.put(name, numbers));
          }
        });
    return new Hdf5Children(nodes, unread, opaque);
  }

  private static Map<String, Long> inTable(HdfBackingStorage storage, SymbolTableMessage table) {
    BTreeV1 tree = BTreeV1.createGroupBTree(storage, table.getBTreeAddress());
    ByteBuffer names = new LocalHeap(storage, table.getLocalHeapAddress()).getDataBuffer();
    Map<String, Long> addresses = new LinkedHashMap<>();
    for (long node : tree.getChildAddresses()) {
      for (SymbolTableEntry entry :
          new GroupSymbolTableNode(storage, node).getSymbolTableEntries()) {
        names.position(entry.getLinkNameOffset());
        boolean link = entry.getCacheType() == SOFT_LINK;
        addresses.put(Utils.readUntilNull(names), link ? NONE : entry.getObjectHeaderAddress());
      }
    }
    return addresses;
  }

  private static Map<String, Long> inMessages(HdfBackingStorage storage, ObjectHeader header) {
    Map<String, Long> addresses = new LinkedHashMap<>();
    LinkInfoMessage info = header.getMessageOfType(LinkInfoMessage.class);
    if (info.getBTreeNameIndexAddress() == NONE) {
      header.getMessagesOfType(LinkMessage.class).forEach(link -> put(addresses, link));
      return addresses;
    }
    FractalHeap heap = new FractalHeap(storage, info.getFractalHeapAddress());
    BTreeV2<LinkNameForIndexedGroupRecord> index =
        new BTreeV2<>(storage, info.getBTreeNameIndexAddress());
    for (LinkNameForIndexedGroupRecord link : index.getRecords()) {
      put(addresses, LinkMessage.fromBuffer(heap.getId(link.getId()), storage.getSuperblock()));
    }
    return addresses;
  }

  private static void put(Map<String, Long> addresses, LinkMessage link) {
    boolean hard = link.getLinkType() == LinkMessage.LinkType.HARD;
    addresses.put(link.getLinkName(), hard ? link.getHardLinkAddress() : NONE);
  }
}
