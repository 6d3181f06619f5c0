"""How this server speaks with ML backends: requests, replies, and what can be wrong with them. No tables' business."""
